module com.example.modules {
  requires dev.checkpoint4j.core;
}
