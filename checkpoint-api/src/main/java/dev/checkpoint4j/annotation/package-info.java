/** Annotations for static analysers. */
@org.jspecify.annotations.NullMarked
package dev.checkpoint4j.annotation;
