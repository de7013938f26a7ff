import groovy.json.JsonSlurper
import groovy.xml.XmlSlurper
import java.util.zip.ZipFile

// The rules there are, according to the TCK that the project has used.
def jars = []
new File(localRepositoryPath, "dev/checkpoint4j/checkpoint-tck").eachFileRecurse {
  if (it.name =~ /^checkpoint-tck-.*\.jar$/) {
    jars << it
  }
}
assert jars.size() == 1
def spec = new ZipFile(jars[0]).withCloseable {
  it.getInputStream(it.getEntry("dev/checkpoint4j/tck/spec.md")).getText("UTF-8")
}
def rules = (spec =~ /(?m)^### ([A-Z]+-[0-9]+) /).collect { it[1] }
assert rules.size() > 100

// What became of them, according to the report.
def file = new File(basedir, "target/checkpoint-tck/journal-JournalBackendTest.json")
assert file.isFile() : "no rule was run: there is no report"
def report = new JsonSlurper().parse(file)
assert report.verdict == "CONFORMANT" : "the verdict is ${report.verdict}: ${report.counts}"
assert report.rules*.id.sort() == rules.sort() : "the report is not of the rules of spec.md"
def passed = report.rules.count { it.status == "PASS" }
def notApplicable = report.rules.count { it.status == "N/A" }
assert passed > 100 : "only ${passed} rules passed"
assert passed + notApplicable == rules.size() : "not every rule was run: ${report.counts}"

// Surefire has run them all as well, and the tests beside them.
def count = { testClass, attribute ->
  def suite = new XmlSlurper().parse(
      new File(basedir, "target/surefire-reports/TEST-com.example.journal.${testClass}.xml"))
  suite.attributes()[attribute].toInteger()
}
assert count("JournalBackendTest", "tests") == rules.size()
assert count("JournalBackendTest", "skipped") == notApplicable
for (testClass in ["JournalBackendTest", "JournalUrlTest", "JournalDamageTest"]) {
  assert count(testClass, "tests") > 0
  assert count(testClass, "failures") + count(testClass, "errors") == 0
}
return true
