package dev.checkpoint4j.store.s3.internal.client;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * The SDK's {@link UrlConnectionHttpClient}, with requests that end when they are aborted. By
 * itself, a request that is aborted before its connection is open connects afterwards, sends its
 * header, and waits for an answer to a body that it does not send; one that is interrupted while it
 * sends its body leaves the connection open. In both cases the server waits for the rest.
 */
public final class ClosingHttpClient implements SdkHttpClient {

  /** After this time a request that was aborted and goes on is aborted again. */
  private static final Executor LATER = CompletableFuture.delayedExecutor(10, MILLISECONDS);

  private final SdkHttpClient client;

  private ClosingHttpClient(SdkHttpClient client) {
    this.client = client;
  }

  public static SdkHttpClient.Builder<?> builder() {
    return new Builder();
  }

  private static final class Builder implements SdkHttpClient.Builder<Builder> {
    @Override
    public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
      return new ClosingHttpClient(UrlConnectionHttpClient.builder().buildWithDefaults(defaults));
    }
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new Exchange(client.prepareRequest(request));
  }

  private static final class Exchange implements ExecutableHttpRequest {

    private final ExecutableHttpRequest request;
    private volatile boolean hasEnded;

    Exchange(ExecutableHttpRequest request) {
      this.request = request;
    }

    @Override
    public HttpExecuteResponse call() throws IOException {
      boolean isAnswered = false;
      try {
        HttpExecuteResponse response = request.call();
        isAnswered = true;
        return response;
      } finally {
        hasEnded = true;
        if (!isAnswered) {
          request.abort();
        }
      }
    }

    @Override
    public void abort() {
      request.abort();
      if (!hasEnded) {
        LATER.execute(this::abortAgain);
      }
    }

    private void abortAgain() {
      if (!hasEnded) {
        abort();
      }
    }
  }

  @Override
  public void close() {
    client.close();
  }

  @Override
  public String clientName() {
    return client.clientName();
  }
}
