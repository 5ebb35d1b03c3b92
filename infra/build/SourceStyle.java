// SPDX-License-Identifier: Apache-2.0
import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Holds every source file of the tree to google-java-format and to the licence line, in one run.
 *
 * <p>The build runs this file with the Java launcher of the JDK 25 toolchain, because
 * google-java-format parses with the compiler of the JDK that it runs on, and Maven itself may run
 * on 17. {@code check} lists what differs, on standard error and in {@code
 * target/style-complaints}, and exits 3; {@code fix} rewrites it, and so complains only of files
 * that do not parse. Contents found good are remembered by digest in {@code target/style-good}, so
 * that an unchanged file costs one hash.
 */
final class SourceStyle {
  private static final String LICENCE = "SPDX-License-Identifier: Apache-2.0";
  private static final String MEMORY = "style-good";
  private static final String COMPLAINTS = "style-complaints";
  private static final Set<String> SKIPPED_FOLDERS = Set.of("target", "node_modules");

  private final Path root;
  private final boolean fix;
  private final Formatter formatter = new Formatter(JavaFormatterOptions.defaultOptions());
  private final String toolId;
  private final Path target;
  private final Set<String> remembered = new ConcurrentSkipListSet<>();
  private final Set<String> good = new ConcurrentSkipListSet<>();
  private final Set<String> complaints = new ConcurrentSkipListSet<>();

  private SourceStyle(Path root, boolean fix) throws IOException {
    this.root = root;
    this.fix = fix;
    var tool = Formatter.class.getProtectionDomain().getCodeSource().getLocation();
    this.toolId = Path.of(tool.getPath()).getFileName().toString();
    this.target = root.resolve("target");
    if (Files.exists(target.resolve(MEMORY))) {
      remembered.addAll(Files.readAllLines(target.resolve(MEMORY)));
    }
  }

  static void main(String[] args) throws IOException {
    if (args.length != 2 || !Set.of("check", "fix").contains(args[0])) {
      System.err.println("usage: SourceStyle check|fix ROOT");
      System.exit(2);
    }
    System.exit(new SourceStyle(Path.of(args[1]).normalize(), args[0].equals("fix")).run());
  }

  private int run() throws IOException {
    List<Path> files = sources();
    files.parallelStream().forEach(this::visit);
    Files.createDirectories(target);
    Files.write(target.resolve(MEMORY), good);
    Files.deleteIfExists(target.resolve(COMPLAINTS));
    if (complaints.isEmpty()) {
      System.out.println("Source style: " + files.size() + " files in order.");
      return 0;
    }
    complaints.forEach(System.err::println);
    Files.write(target.resolve(COMPLAINTS), complaints);
    return 3;
  }

  private List<Path> sources() throws IOException {
    var files = new ArrayList<Path>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean skipped = SKIPPED_FOLDERS.contains(name) || name.startsWith(".");
            return skipped && !folder.equals(root)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (commentMarks(file).isPresent()) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }

  private void visit(Path file) {
    try {
      String text = Files.readString(file);
      if (remembered.contains(digest(text))) {
        good.add(digest(text));
        return;
      }
      String wanted = formatted(file, withLicence(file, text));
      if (!wanted.equals(text) && fix) {
        Files.writeString(file, wanted);
        System.out.println("mended " + root.relativize(file));
      } else if (!wanted.equals(text)) {
        complaints.add(root.relativize(file) + ": " + difference(text, wanted));
        return;
      }
      good.add(digest(wanted));
    } catch (FormatterException broken) {
      complaints.add(root.relativize(file) + ": does not parse: " + broken.getMessage());
    } catch (IOException broken) {
      throw new UncheckedIOException(file.toString(), broken);
    }
  }

  private String formatted(Path file, String text) throws FormatterException {
    return file.toString().endsWith(".java") ? formatter.formatSourceAndFixImports(text) : text;
  }

  private static String difference(String text, String wanted) {
    if (!hasLicence(text)) {
      return "lacks the line \"" + LICENCE + "\" at its head";
    }
    List<String> is = text.lines().toList();
    List<String> should = wanted.lines().toList();
    int line = 0;
    while (line < Math.min(is.size(), should.size()) && is.get(line).equals(should.get(line))) {
      line++;
    }
    return "is not formatted, first at line " + (line + 1);
  }

  private static String withLicence(Path file, String text) {
    if (hasLicence(text)) {
      return text;
    }
    String[] marks = commentMarks(file).orElseThrow();
    String line = marks[0] + LICENCE + marks[1] + "\n";
    boolean keepsFirstLine = text.startsWith("#!") || text.startsWith("<?xml");
    int at = keepsFirstLine ? text.indexOf('\n') + 1 : 0;
    return text.substring(0, at) + line + text.substring(at);
  }

  private static boolean hasLicence(String text) {
    return text.lines().limit(2).anyMatch(line -> line.contains(LICENCE));
  }

  /** What opens and closes a comment in this kind of file; empty where the kind is not checked. */
  private static Optional<String[]> commentMarks(Path file) {
    String name = file.getFileName().toString();
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "java", "js" -> Optional.of(new String[] {"// ", ""});
      case "sh", "py", "Dockerfile" -> Optional.of(new String[] {"# ", ""});
      case "xml" ->
          name.equals("pom.xml") ? Optional.of(new String[] {"<!-- ", " -->"}) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private String digest(String text) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      sha.update(toolId.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JDK has SHA-256", impossible);
    }
  }
}
