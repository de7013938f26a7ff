package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.tck.Fault;
import dev.checkpoint4j.tck.FaultInjector;
import java.io.IOException;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;

/** The connections of clients to a server, which break at each attempt when they are told to. */
final class FaultyConnection implements ExecutionInterceptor, FaultInjector {

  private @Nullable Fault armed;
  private int passes;

  @Override
  public Set<Fault> faults() {
    return Set.of(Fault.WRITE_REFUSED, Fault.ANSWER_LOST, Fault.READ_REFUSED);
  }

  @Override
  public synchronized void arm(Fault fault, int passes) {
    this.armed = fault;
    this.passes = passes;
  }

  @Override
  public synchronized void disarm() {
    armed = null;
  }

  @Override
  public void flipByte(Checkpoint stored, Random random) {
    throw new UnsupportedOperationException("the server keeps checksums of its own");
  }

  @Override
  public void beforeTransmission(
      Context.BeforeTransmission context, ExecutionAttributes attributes) {
    if (breaks(isRead(context.httpRequest()) ? Fault.READ_REFUSED : Fault.WRITE_REFUSED)) {
      throw broken("before the request was sent");
    }
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    if (!isRead(context.httpRequest()) && breaks(Fault.ANSWER_LOST)) {
      throw broken("before the answer came");
    }
  }

  private static boolean isRead(SdkHttpRequest request) {
    return request.method() == SdkHttpMethod.GET || request.method() == SdkHttpMethod.HEAD;
  }

  private synchronized boolean breaks(Fault fault) {
    return armed == fault && passes-- <= 0;
  }

  private static SdkClientException broken(String when) {
    return SdkClientException.create(
        "the connection broke " + when, new IOException("the connection broke " + when));
  }
}
