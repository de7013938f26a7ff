import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.core.Checkpoints;
import java.util.Map;

public class Job {
  public static void main(String[] args) {
    try (CheckpointRepository repo = Checkpoints.open("file:./state")) {
      int done = repo.getBySession("nightly-job")
          .flatMap(latest -> latest.value("done", Integer.class))
          .orElse(0);
      System.out.println("resuming after step " + done);
      for (int step = done + 1; step <= 10; step++) {
        // ... do the step ...
        repo.save("nightly-job", Map.of("done", step));   // on disk when it returns
      }
    }
  }
}
