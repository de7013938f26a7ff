package dev.checkpoint4j.store.s3;

import org.jspecify.annotations.Nullable;

/** What every request says: the bucket, and how objects are to be kept. */
record ObjectSettings(
    String bucket,
    @Nullable String expectedBucketOwner,
    @Nullable String storageClass,
    @Nullable String encryption,
    @Nullable String kmsKeyId) {}
