import java.util.zip.ZipEntry
import java.util.zip.ZipFile
import java.util.zip.ZipOutputStream

// Runs a program in target and returns what it prints.
def run = { List<String> command ->
  def process = new ProcessBuilder(command.collect { it.toString() })
      .directory(new File(basedir, "target"))
      .redirectErrorStream(true)
      .start()
  def output = process.inputStream.getText("UTF-8")
  process.waitFor()
  return output
}
def java = new File(System.getProperty("java.home"), "bin/java").path

def job = [java, "-jar", "shaded-1.0.jar", "file:./state"]
assert run(job).contains("resuming after step 0")
assert run(job).contains("resuming after step 10")

// Without the service files, which a shaded jar without the transformer loses.
def broken = new File(basedir, "target/broken.jar")
new ZipFile(new File(basedir, "target/shaded-1.0.jar")).withCloseable { shaded ->
  new ZipOutputStream(broken.newOutputStream()).withCloseable { copy ->
    shaded.entries().findAll { it.name != "META-INF/services/dev.checkpoint4j.spi.BackendProvider" }.each {
      copy.putNextEntry(new ZipEntry(it.name))
      copy << shaded.getInputStream(it)
    }
  }
}
def output = run([java, "-cp", "broken.jar", "com.example.Job", "file:./state"])
assert output.contains("merge the service files of a shaded jar") : output
assert !output.contains("Add the artifact") : output
return true
