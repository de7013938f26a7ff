package dev.checkpoint4j.tck;

/** What a {@link FaultInjector} can make a medium do. */
public enum Fault {
  /** Writes fail before the medium has applied anything of them: a lost connection, a full disk. */
  WRITE_REFUSED,
  /** Writes are applied as a whole, but their answer does not arrive: a timeout, a reset. */
  ANSWER_LOST,
  /**
   * The first write is applied in part and fails, those that follow are refused: a crash, or a disk
   * that gets full, in the middle of it. Not for a medium whose writes are atomic by themselves.
   */
  TORN_WRITE,
  /** Reads fail: a lost connection, a lock that is not obtained in time. */
  READ_REFUSED,
  /** One byte of what the medium holds is changed, see {@link FaultInjector#flipByte}. */
  FLIPPED_BYTE,
  /** One stored record is replaced by a copy of another, see {@link FaultInjector#copyRecord}. */
  COPIED_RECORD
}
