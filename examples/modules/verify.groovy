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

def name = "com.example.modules"
def main = "${name}/${name}.Job"

// All on the module path. The stores are found as services; the database's driver is an automatic module.
for (url in ["file:./state", "jdbc:h2:./h2"]) {
  def job = [java, "--module-path", "classes" + File.pathSeparator + "lib", "-m", main, url]
  assert run(job).contains("resuming after step 0")
  assert run(job).contains("resuming after step 10")
}

// An image of the JVM with the file store; automatic modules cannot be part of one.
def jlink = new File(System.getProperty("java.home"), "bin/jlink")
def modules = new File(basedir, "target/lib").listFiles()
    .findAll { it.name =~ /^(checkpoint-(api|core|store-file)|jackson-core|slf4j-api|jspecify)-/ }
assert modules.size() >= 5
def path = (["classes"] + modules*.path).join(File.pathSeparator)
def messages = run([jlink.path, "--module-path", path, "--add-modules", "${name},dev.checkpoint4j.store.file", "--output", "image"])
def image = new File(basedir, "target/image/bin/java")
assert image.isFile() : messages
assert run([image.path, "-m", main, "file:./image-state"]).contains("resuming after step 0")
assert run([image.path, "-m", main, "file:./image-state"]).contains("resuming after step 10")
return true
