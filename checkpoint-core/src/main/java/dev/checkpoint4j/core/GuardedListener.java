package dev.checkpoint4j.core;

import dev.checkpoint4j.spi.StorageEvent;
import dev.checkpoint4j.spi.StorageListener;
import dev.checkpoint4j.spi.StorageRepair;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what a listener throws, each class of exception once. */
final class GuardedListener implements StorageListener {

  private static final Logger LOG = LoggerFactory.getLogger(GuardedListener.class);

  private final StorageListener listener;
  private final Set<Class<?>> logged = ConcurrentHashMap.newKeySet();

  GuardedListener(StorageListener listener) {
    this.listener = listener;
  }

  @Override
  public void onEvent(StorageEvent event) {
    guard(event.operation(), () -> listener.onEvent(event));
  }

  @Override
  public void onRepair(StorageRepair repair) {
    guard("a repair", () -> listener.onRepair(repair));
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
