@NullMarked
package dev.checkpoint4j.core;

import org.jspecify.annotations.NullMarked;
