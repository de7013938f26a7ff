package dev.checkpoint4j.store.s3.internal.client;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageAccessDeniedException;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** Translates failures of the SDK into the exceptions of the SPI. */
public final class S3Errors {

  private S3Errors() {}

  /** Whether the server may have applied the request, or may still apply it. */
  public static boolean mayHaveBeenApplied(SdkException e) {
    if (e instanceof PartlyDeletedException) {
      return true;
    }
    if (e instanceof NotSentException || e instanceof MalformedObjectException) {
      return false;
    }
    if (e instanceof AwsServiceException answer) {
      boolean isRefusal = answer.statusCode() < 500 || answer.statusCode() == 503;
      // The outcome of earlier attempts is unknown.
      return !isRefusal || (isRetried(answer.statusCode()) && attempts(e) > 1);
    }
    return attempts(e) > 1 || !isNotConnected(e);
  }

  private static boolean isRetried(int status) {
    return status >= 500 || status == 408 || status == 429;
  }

  private static int attempts(SdkException e) {
    Integer attempts = e.numAttempts();
    return attempts == null ? 1 : attempts;
  }

  private static boolean isNotConnected(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException
          || cause instanceof UnknownHostException
          || cause instanceof NoRouteToHostException) {
        return true;
      }
    }
    return false;
  }

  /** A failure after which nothing of the operation is stored. */
  public static CheckpointException notApplied(SdkException e, ErrorContext context) {
    String reason = reason(e);
    if (e instanceof AwsServiceException answer) {
      String code = code(answer);
      Optional<String> problem = problem(answer, code);
      if (problem.isPresent()) {
        return new BackendConfigurationException(
            context, problem.get().formatted(reason) + " Nothing was changed", e);
      }
      if (answer.statusCode() == 401
          || answer.statusCode() == 403
          || code.equals("ExpiredToken")
          || code.equals("InvalidToken")) {
        return new StorageAccessDeniedException(
            "the server refused access ("
                + reason
                + "); nothing was changed. "
                + remedyOfRefusal(code),
            context,
            e);
      }
      if (answer.statusCode() == 413 || code.equals("EntityTooLarge")) {
        return new StorageLimitExceededException(
            "the checkpoint is larger than the server takes ("
                + reason
                + "); nothing was changed. Reduce the checkpoint's size",
            context,
            e);
      }
      if (answer.statusCode() == 429 || answer.statusCode() == 503) {
        return unavailable(
            "the server is busy, also after retries", reason, "Try again later", context, e);
      }
      return unavailable("the server failed", reason, "Try again later", context, e);
    }
    if (e instanceof MalformedObjectException) {
      return new CorruptCheckpointException(
          e.getMessage()
              + ". Nothing was changed. Checkpoints.verify reports whatever else is damaged",
          context,
          e);
    }
    if (e instanceof NotSentException) {
      return new StorageUnavailableException(
          e.getMessage() + "; nothing was changed. Try again", context, e);
    }
    if (Objects.requireNonNullElse(e.getMessage(), "").contains("load credentials")) {
      return new StorageAccessDeniedException(
          "the SDK found no credentials; nothing was changed. Set AWS_ACCESS_KEY_ID and"
              + " AWS_SECRET_ACCESS_KEY, or another source of its default chain, or give the store"
              + " a client that has some",
          context,
          e);
    }
    return unavailable(
        "the server cannot be reached, or did not answer in time",
        reason,
        "Check the endpoint, the region and the network, then try again",
        context,
        e);
  }

  /** What the settings of the store name and the server does not have. */
  private static Optional<String> problem(AwsServiceException answer, String code) {
    return switch (code) {
      case "NoSuchBucket" -> Optional.of("the bucket does not exist (%s). Create it, then retry.");
      case "InvalidStorageClass" ->
          Optional.of("the server does not have the storage class (%s). Choose another one.");
      case "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed" ->
          Optional.of(
              "the bucket is in another region than the store was told (%s)."
                  + regionOf(answer)
                      .map(region -> " Set the region " + region + ".")
                      .orElse(" Set the region of the bucket."));
      default -> Optional.empty();
    };
  }

  private static Optional<String> regionOf(AwsServiceException answer) {
    return Optional.ofNullable(answer.awsErrorDetails())
        .map(AwsErrorDetails::sdkHttpResponse)
        .flatMap(response -> response.firstMatchingHeader("x-amz-bucket-region"))
        .filter(region -> region.matches("[a-z0-9-]{1,40}"));
  }

  private static String remedyOfRefusal(String code) {
    return switch (code) {
      case "InvalidAccessKeyId" -> "The server does not know the access key; check it";
      case "SignatureDoesNotMatch" -> "The secret key is not that of the access key; check it";
      case "ExpiredToken", "InvalidToken" ->
          "The session token has expired or is not that of the keys; renew it";
      case "RequestTimeTooSkewed" -> "Set the clock of this machine";
      default ->
          "Check the credentials, the policies of the bucket, the region and the clock of this"
              + " machine";
    };
  }

  private static StorageUnavailableException unavailable(
      String what, String reason, String todo, ErrorContext context, @Nullable SdkException e) {
    return new StorageUnavailableException(
        what + " (" + reason + "); nothing was changed. " + todo, context, e);
  }

  /** A failure after which the put may take effect or have taken effect. */
  public static CheckpointException outcomeUnknown(SdkException e, ErrorContext context) {
    return new OutcomeUnknownException(
        "the server did not confirm the write ("
            + reason(e)
            + "); it may have been applied. Put the same checkpoint again: it is stored once",
        context,
        e);
  }

  /** A failure in the middle of a deletion or a repair. */
  public static CheckpointException partlyDone(SdkException e, ErrorContext context) {
    return new OutcomeUnknownException(
        "the server did not confirm everything ("
            + reason(e)
            + "); some may have been deleted. Repeat the call, which deletes what is left",
        context,
        e);
  }

  /** The status and the code; not the message, which may quote the request. */
  public static String reason(SdkException e) {
    if (e instanceof AwsServiceException answer) {
      return "status "
          + answer.statusCode()
          + (code(answer).isEmpty() ? "" : ", " + code(answer))
          + (answer.requestId() == null ? "" : ", request " + answer.requestId());
    }
    if (e instanceof PartlyDeletedException partly) {
      return partly.code();
    }
    if (e instanceof NotSentException || e instanceof MalformedObjectException) {
      return String.valueOf(e.getMessage());
    }
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName();
  }

  private static String code(AwsServiceException answer) {
    return answer.awsErrorDetails() == null
        ? ""
        : Objects.requireNonNullElse(answer.awsErrorDetails().errorCode(), "");
  }
}
