package dev.checkpoint4j.core;

import dev.checkpoint4j.spi.RecoveryEvent;
import dev.checkpoint4j.spi.StorageEvent;
import dev.checkpoint4j.spi.StorageListener;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what a listener throws, each class of exception once. */
final class SafeListener implements StorageListener {

  private static final Logger LOG = LoggerFactory.getLogger(SafeListener.class);

  private final StorageListener listener;
  private final Set<Class<?>> logged = ConcurrentHashMap.newKeySet();

  SafeListener(StorageListener listener) {
    this.listener = listener;
  }

  @Override
  public void onEvent(StorageEvent event) {
    guard(event.context().operation(), () -> listener.onEvent(event));
  }

  @Override
  public void onRecovery(RecoveryEvent repair) {
    guard("a repair", () -> listener.onRecovery(repair));
  }

  private void guard(String occasion, Runnable call) {
    try {
      call.run();
    } catch (Throwable e) {
      // Even an Error of the listener must not hide from the caller how the operation ended.
      if (logged.add(e.getClass())) {
        LOG.warn(
            "The storage listener {} failed on {}; further failures of this class are not logged",
            listener.getClass().getName(),
            occasion,
            e);
      }
    }
  }
}
