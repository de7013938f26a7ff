package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a backend does with the real codec, and makes chosen documents undecodable. */
final class ProbeCodec implements CheckpointCodec {

  private final CheckpointCodec delegate;
  private final Set<String> damaged = ConcurrentHashMap.newKeySet();
  private final AtomicLong encodes = new AtomicLong();
  private final AtomicLong decodes = new AtomicLong();

  ProbeCodec(CheckpointCodec delegate) {
    this.delegate = delegate;
  }

  /** From now on the values of this checkpoint cannot be decoded; its header still can. */
  void damage(Checkpoint checkpoint) {
    damaged.add(checkpoint.id());
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
    return delegate.encode(checkpoint);
  }

  @Override
  public Checkpoint decode(byte[] document) {
    decodes.incrementAndGet();
    if (!damaged.isEmpty() && damaged.contains(delegate.decodeHeader(document).id())) {
      throw new CodecException("the TCK made this document undecodable", null);
    }
    return delegate.decode(document);
  }

  @Override
  public CheckpointHeader decodeHeader(byte[] document) {
    return delegate.decodeHeader(document);
  }
}
