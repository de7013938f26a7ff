/** The smallest backend that conforms. */
@NullMarked
package com.example.minimal;

import org.jspecify.annotations.NullMarked;
