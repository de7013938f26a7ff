package dev.checkpoint4j.testsupport;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * local-s3, which ignores the conditions of writes: a store must refuse it.
 *
 * <p>In this JVM and in memory, by a class loader that keeps its libraries from those of the tests.
 * A kill loses what it holds.
 */
public final class LocalS3Server extends S3Server {

  private static @Nullable LocalS3Server shared;

  private @Nullable Object running;

  private LocalS3Server() {
    super("local-s3");
  }

  /** The one server of this JVM, started when first asked for. */
  public static synchronized LocalS3Server shared() {
    LocalS3Server server = shared;
    if (server == null) {
      server = new LocalS3Server();
      server.startWithBucket();
      shared = server;
    }
    return server;
  }

  @Override
  void launch() throws ReflectiveOperationException, MalformedURLException {
    List<Path> jars = ServerPrograms.jars("local-s3");
    URL[] classPath = new URL[jars.size()];
    for (int i = 0; i < classPath.length; i++) {
      classPath[i] = jars.get(i).toUri().toURL();
    }
    // Open as long as the JVM: threads of the server load classes until they end.
    ClassLoader loader = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader());
    Object builder =
        loader.loadClass("com.robothy.s3.rest.LocalS3").getMethod("builder").invoke(null);
    builder.getClass().getMethod("port", int.class).invoke(builder, port());
    Object server = builder.getClass().getMethod("build").invoke(builder);
    server.getClass().getMethod("start").invoke(server);
    running = server;
    Processes.await("an answer", this::answers);
  }

  @Override
  void shutDown() throws ReflectiveOperationException {
    killNow();
  }

  @Override
  void killNow() throws ReflectiveOperationException {
    Object server = running;
    if (server != null) {
      server.getClass().getMethod("shutdown").invoke(server);
      running = null;
    }
  }
}
