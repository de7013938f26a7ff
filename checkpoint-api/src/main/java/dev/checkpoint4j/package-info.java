/**
 * The immutable model of a checkpoint and the repositories an application works with.
 *
 * <p>Unless a member says otherwise: a {@code null} argument is refused with a {@link
 * NullPointerException} that names the parameter, every type of the model is immutable and safe for
 * use by any number of threads, and versions are compared as signed numbers, never by time.
 */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
