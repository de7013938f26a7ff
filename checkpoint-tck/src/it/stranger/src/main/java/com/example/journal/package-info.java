/** Keeps checkpoints in a journal file, for URLs such as {@code journal:./state}. */
@NullMarked
package com.example.journal;

import org.jspecify.annotations.NullMarked;
