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

for (url in ["jdbc:h2:./h2", "jdbc:sqlite:sqlite.db"]) {
  def job = [java, "-cp", "classes" + File.pathSeparator + "lib/*", "com.example.Job", url]
  assert run(job).contains("resuming after step 0")
  assert run(job).contains("resuming after step 10")
}
return true
