package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.List;
import java.util.Optional;

/** LIFE: what a handle says of itself, and the empty store. */
abstract class LifecycleRules extends Reads {

  @Rule(id = "LIFE-01", level = Level.MUST)
  protected final void descriptorIsConstant() {
    String first = describe(storage());
    put("s", 1);
    assertThat(describe(storage())).as("descriptor() after a put").isEqualTo(first);
    assertThat(describe(openHandle())).as("descriptor() of a second handle").isEqualTo(first);
    assertThat(storage().descriptor().id()).as("id of the descriptor").isNotBlank();
  }

  static String describe(BackendStorage handle) {
    BackendDescriptor descriptor = handle.descriptor();
    assertThat(descriptor).as("descriptor()").isNotNull();
    return descriptor.toString();
  }

  @Rule(id = "LIFE-02", level = Level.MUST)
  protected final void capabilitiesAreThoseExpected() {
    assertThat(storage().descriptor().capabilities())
        .as("capabilities of descriptor(), where expectedCapabilities() pins the expected ones")
        .isEqualTo(expectedCapabilities());
  }

  @Rule(id = "LIFE-04", level = Level.MUST)
  protected final void durabilityAndLimitAreThoseExpected() {
    BackendDescriptor descriptor = storage().descriptor();
    if (expectedDurability().isEmpty() && expectedMaxDocumentBytes().isEmpty()) {
      throw notApplicable("neither expectedDurability() nor expectedMaxDocumentBytes() pins one");
    }
    expectedDurability()
        .ifPresent(
            expected ->
                assertThat(descriptor.durability())
                    .as("durability of descriptor(), compared with expectedDurability()")
                    .isEqualTo(expected));
    expectedMaxDocumentBytes()
        .ifPresent(
            expected ->
                assertThat(descriptor.maxDocumentBytes())
                    .as(
                        "maxDocumentBytes of descriptor(), compared with expectedMaxDocumentBytes()")
                    .isEqualTo(expected));
  }

  @Rule(id = "LIFE-03", level = Level.MUST)
  protected final void newStoreIsEmpty() {
    assertThat(storage().get(namespace(), "absent")).as("get() of an empty store").isEmpty();
    assertNoLatest("of an empty store", storage(), session("absent"));
    assertThat(storage().list(query().build()).items()).as("list() of an empty store").isEmpty();
    assertThat(storage().listHeaders(query().build()).items())
        .as("listHeaders() of an empty store")
        .isEmpty();
    assertThat(storage().listSessions(namespace(), 10, Optional.empty()).items())
        .as("listSessions() of an empty store")
        .isEmpty();
    assertThat(listNamespaces(storage(), 10)).as("listNamespaces() of an empty store").isEmpty();
    assertThat(storage().delete(namespace(), List.of("absent")))
        .as("delete() in an empty store")
        .isZero();
    assertThat(storage().deleteBySession(session("absent")))
        .as("deleteBySession() in an empty store")
        .isZero();
  }
}
