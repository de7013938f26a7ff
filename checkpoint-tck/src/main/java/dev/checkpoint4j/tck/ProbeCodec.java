package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a backend does with the real codec, and makes chosen documents undecodable, or calls
 * of a thread fail.
 */
final class ProbeCodec implements CheckpointCodec {

  /** A put that stops in the middle of its encoding, for others to overtake it. */
  static final class Pause {

    /** A backend that holds a lock while it encodes keeps the others waiting for so long. */
    private static final long MAX_MILLIS = 500;

    private final String id;
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    private Pause(String id) {
      this.id = id;
    }

    /** Waits until the encoding has come to its pause, or the pause has ended without it. */
    void awaitStart() throws InterruptedException {
      started.await();
    }

    /** Lets the encoding go on; does nothing if it went on before. */
    void end() {
      ended.countDown();
      started.countDown();
    }

    private void pause() {
      started.countDown();
      try {
        ended.await(MAX_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A failure of the codec that is no {@link CodecException}: nobody expects it. */
  enum Failure {
    EXCEPTION {
      @Override
      void fail() {
        throw new IllegalStateException(MESSAGE);
      }
    },
    ERROR {
      @Override
      void fail() {
        throw new LinkageError(MESSAGE);
      }
    },
    MEMORY {
      @Override
      void fail() {
        throw new OutOfMemoryError(MESSAGE);
      }
    },
    STACK_OVERFLOW {
      @Override
      void fail() {
        int unused = descend(Integer.MAX_VALUE);
      }
    };

    private static final String MESSAGE = "the TCK made the codec fail";

    abstract void fail();

    /** No stack is as deep. */
    private static int descend(int levels) {
      return levels == 0 ? 0 : 1 + descend(levels - 1);
    }
  }

  /** A failure after so many calls of the codec. */
  private static final class Armed {
    private final Failure failure;
    private int passes;

    private Armed(Failure failure, int passes) {
      this.failure = failure;
      this.passes = passes;
    }
  }

  private final CheckpointCodec delegate;
  private final Map<Thread, Armed> armed = new ConcurrentHashMap<>();
  private final Set<String> damaged = ConcurrentHashMap.newKeySet();
  private final Set<String> damagedHeaders = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Pause pause;
  private final AtomicLong encodes = new AtomicLong();
  private final AtomicLong decodes = new AtomicLong();
  private final AtomicLong headerDecodes = new AtomicLong();

  ProbeCodec(CheckpointCodec delegate) {
    this.delegate = delegate;
  }

  /** From now on the values of this checkpoint cannot be decoded; its header still can. */
  void damage(Checkpoint checkpoint) {
    damaged.add(checkpoint.id());
  }

  /** From now on neither the header nor the values of this checkpoint can be decoded. */
  void damageHeader(Checkpoint checkpoint) {
    damaged.add(checkpoint.id());
    damagedHeaders.add(checkpoint.id());
  }

  /** The next encoding of this checkpoint stops until the pause is ended. */
  Pause pauseEncodingOf(Checkpoint checkpoint) {
    Pause next = new Pause(checkpoint.id());
    pause = next;
    return next;
  }

  /** Lets so many calls by this thread pass, and makes those that follow fail. */
  void arm(Failure failure, int passes) {
    armed.put(Thread.currentThread(), new Armed(failure, passes));
  }

  void disarm() {
    armed.remove(Thread.currentThread());
  }

  private void failIfArmed() {
    Armed next = armed.get(Thread.currentThread());
    if (next != null && next.passes-- <= 0) {
      next.failure.fail();
    }
  }

  /** How often anything was encoded or decoded. */
  long calls() {
    return encodes.get() + decodes.get() + headerDecodes.get();
  }

  boolean isUsed() {
    return encodes.get() + decodes.get() > 0;
  }

  /** How often whole documents were decoded, or were tried to. */
  long decodes() {
    return decodes.get();
  }

  @Override
  public byte[] encode(Checkpoint checkpoint) {
    encodes.incrementAndGet();
    failIfArmed();
    Pause next = pause;
    if (next != null && next.id.equals(checkpoint.id())) {
      next.pause();
    }
    return delegate.encode(checkpoint);
  }

  @Override
  public Checkpoint decode(byte[] document) {
    decodes.incrementAndGet();
    failIfArmed();
    if (!damaged.isEmpty() && damaged.contains(delegate.decodeHeader(document).id())) {
      throw new CodecException("the TCK made this document undecodable", null);
    }
    return delegate.decode(document);
  }

  @Override
  public CheckpointHeader decodeHeader(byte[] document) {
    headerDecodes.incrementAndGet();
    failIfArmed();
    CheckpointHeader header = delegate.decodeHeader(document);
    if (damagedHeaders.contains(header.id())) {
      throw new CodecException("the TCK made this header undecodable", null);
    }
    return header;
  }
}
