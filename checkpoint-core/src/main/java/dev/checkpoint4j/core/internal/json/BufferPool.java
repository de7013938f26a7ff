package dev.checkpoint4j.core.internal.json;

import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.RecyclerPool;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Buffers of Jackson that wait for their next use, a bounded number of them. There is no lock: one
 * stays held when the stack ends between taking it and giving it back, and then every other thread
 * waits for it for ever. Wherever an {@link Error} strikes here, it costs the buffer at most.
 */
final class BufferPool implements RecyclerPool<BufferRecycler> {

  private static final long serialVersionUID = 1;

  /** {@code null} where there is room. */
  private final transient AtomicReferenceArray<@Nullable BufferRecycler> slots;

  /** A pool of at most {@code size} buffers. */
  BufferPool(int size) {
    this.slots = new AtomicReferenceArray<>(size);
  }

  @Override
  public BufferRecycler acquirePooled() {
    int slot = firstSlot();
    for (int i = 0; i < slots.length(); i++) {
      BufferRecycler waiting = slots.get(slot);
      if (waiting != null && slots.compareAndSet(slot, waiting, null)) {
        return waiting;
      }
      slot = slot + 1 == slots.length() ? 0 : slot + 1;
    }
    return new BufferRecycler();
  }

  @Override
  public void releasePooled(BufferRecycler buffer) {
    int slot = firstSlot();
    for (int i = 0; i < slots.length(); i++) {
      if (slots.get(slot) == null && slots.compareAndSet(slot, null, buffer)) {
        return;
      }
      slot = slot + 1 == slots.length() ? 0 : slot + 1;
    }
    // All slots are taken: this buffer is for the garbage collector.
  }

  /** A thread finds what it gave back at once; threads seldom look into the same slot. */
  private int firstSlot() {
    return (int) (Thread.currentThread().getId() % slots.length());
  }
}
