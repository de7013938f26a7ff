module dev.checkpoint4j.store.s3 {
  requires transitive dev.checkpoint4j;
  requires transitive software.amazon.awssdk.auth;
  requires transitive software.amazon.awssdk.services.s3;
  requires static transitive org.jspecify;
  requires software.amazon.awssdk.awscore;
  requires software.amazon.awssdk.core;
  requires software.amazon.awssdk.http;
  requires software.amazon.awssdk.http.urlconnection;
  requires software.amazon.awssdk.regions;
  requires software.amazon.awssdk.utils;
  // The SDK consists of automatic modules, which do not name what they need.
  requires org.slf4j;

  exports dev.checkpoint4j.store.s3;

  provides dev.checkpoint4j.spi.BackendProvider with
      dev.checkpoint4j.store.s3.S3BackendProvider;
}
