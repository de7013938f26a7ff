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

def job = [java, "-jar", "spring-boot-4-1.0.jar"]
for (done in [0, 10]) {
  def output = run(job)
  assert output.contains("inFiles resuming after step ${done}") : output
  assert output.contains("inDatabase resuming after step ${done}") : output
}
return true
