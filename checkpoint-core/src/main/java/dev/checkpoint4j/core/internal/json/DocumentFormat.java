package dev.checkpoint4j.core.internal.json;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;

/** The names and limits of "checkpoint document v1". */
final class DocumentFormat {

  static final int NUMBER = 1;

  /** Most levels of maps and lists; {@code values} and {@code attributes} are the first level. */
  static final int MAX_LEVELS = 500;

  /** The document, two levels of objects for each level of a value, and one tag of a scalar. */
  static final int MAX_JSON_LEVELS = 1 + 2 * MAX_LEVELS + 1;

  static final SerializableString FORMAT = new SerializedString("checkpoint");
  static final SerializableString ID = new SerializedString("id");
  static final SerializableString NAMESPACE = new SerializedString("namespace");
  static final SerializableString SESSION_ID = new SerializedString("sessionId");
  static final SerializableString TASK_ID = new SerializedString("taskId");
  static final SerializableString VERSION = new SerializedString("version");
  static final SerializableString PARENT_ID = new SerializedString("parentId");
  static final SerializableString TS = new SerializedString("ts");
  static final SerializableString ATTRIBUTES = new SerializedString("attributes");
  static final SerializableString VALUES = new SerializedString("values");

  static final String TAG_PREFIX = "$";
  static final String LONG = "$long";
  static final String BIG_INTEGER = "$bigInteger";
  static final String DOUBLE = "$double";
  static final String DECIMAL = "$decimal";
  static final String INSTANT = "$instant";
  static final String BINARY = "$binary";
  static final String MAP = "$map";

  private DocumentFormat() {}
}
