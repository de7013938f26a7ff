package dev.checkpoint4j.store.s3.internal.client;

import org.jspecify.annotations.Nullable;

/** The settings that every request carries: the bucket, and how it keeps new objects. */
public record ObjectSettings(
    String bucket,
    @Nullable String expectedBucketOwner,
    @Nullable String storageClass,
    @Nullable String encryption,
    @Nullable String kmsKeyId) {}
