/** The transport below the frames (M8): one JSON object a line, both ways, on a stream of its own. */

/** A full-duplex line channel to a guest. Frames are checked above it, in `session.ts`. */
export interface Channel {
  /** Queues one frame; frames of one turn leave in one write. */
  send(frame: object): void;
  /** Each line as it came, without its newline, at most the frame cap; a longer one ends the channel with `over-cap`. */
  onLine(listener: (line: string) => void): void;
  /** Once, when the guest's end closed or broke. */
  onEnd(listener: (reason: string) => void): void;
  /** Stops reading until `resume`, so that a guest cannot fill the host's memory (M8.6); absent where the transport bounds itself. */
  pause?(): void;
  resume?(): void;
  close(): void;
}
