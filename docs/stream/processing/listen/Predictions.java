// What Show & Tell sees, for Java 11 and for Processing: nothing but java.net. It also runs alone:
//
//   java Predictions.java http://127.0.0.1:5000 ID
//
// ID is the last part of the address of the project's page. Where the server asks for an access
// token, put it into the environment as SHOWTELL_TOKEN.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Predictions extends Thread {
  /** The class that is seen; "" where it is none of those taught, or nothing was seen yet. */
  public volatile String label = "";
  /** How sure it is, 0 to 1. */
  public volatile float confidence = 0;
  /** Why nothing is heard; "" while all is well. */
  public volatile String problem = "";

  // The first of each name in a line is that of the prediction; those of its scores come later.
  private static final Pattern LABEL = Pattern.compile("\"label\":(?:null|\"((?:[^\"\\\\]|\\\\.)*)\")");
  private static final Pattern CONFIDENCE = Pattern.compile("\"confidence\":([0-9.eE+-]+)");

  private final String address;

  public Predictions(String server, String project) {
    address = server + "/api/v1/projects/" + project + "/stream";
    setDaemon(true); // the sketch may end while this waits
  }

  /** Called with every prediction; a sketch may also look at the fields above whenever it draws. */
  protected void heard() {}

  @Override
  public void run() {
    while (true) {
      try {
        listen();
      } catch (IOException error) {
        problem = "Cannot hear " + address + ": " + error.getMessage();
      }
      try {
        Thread.sleep(1000);
      } catch (InterruptedException error) {
        return;
      }
    }
  }

  private void listen() throws IOException {
    HttpURLConnection line = (HttpURLConnection) new URL(address).openConnection();
    line.setConnectTimeout(5000);
    line.setReadTimeout(60000); // the server sends a sign of life every 15 seconds
    String token = System.getenv("SHOWTELL_TOKEN");
    if (token != null) line.setRequestProperty("Authorization", "Bearer " + token);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(line.getInputStream(), StandardCharsets.UTF_8))) {
      problem = "";
      for (String text = lines.readLine(); text != null; text = lines.readLine()) {
        Matcher said = LABEL.matcher(text);
        if (!text.startsWith("data: {\"project_id\"") || !said.find()) continue;
        label = said.group(1) == null ? "" : said.group(1).replaceAll("\\\\(.)", "$1");
        Matcher sure = CONFIDENCE.matcher(text);
        confidence = sure.find() ? Float.parseFloat(sure.group(1)) : 0;
        heard();
      }
    }
  }

  public static void main(String[] words) throws InterruptedException {
    Predictions predictions = new Predictions(words[0], words[1]) {
      private String before = null;

      @Override
      protected void heard() {
        if (label.equals(before)) return;
        before = label;
        System.out.println((label.isEmpty() ? "none of these" : label) + "  " + Math.round(confidence * 100) + "%");
      }
    };
    predictions.start();
    predictions.join();
  }
}
