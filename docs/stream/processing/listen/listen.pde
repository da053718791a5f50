// A ball that rolls to the place of the class that Show & Tell sees, and grows as it is surer.
// Open this folder with Processing 4; the file Predictions.java beside this one does the listening.

String server = "http://127.0.0.1:5000";
String project = "put here the last part of the address of the project's page";
String[] places = {"Class 1", "Class 2"}; // from left to right: the names of your classes

Predictions predictions;
float x, size = 40;

void setup() {
  size(800, 450);
  textAlign(CENTER, CENTER);
  textSize(24);
  x = width / 2;
  predictions = new Predictions(server, project);
  predictions.start();
}

float placeOf(int i) {
  return (i + 0.5) / places.length * width;
}

void draw() {
  background(#FBF4E6);
  noStroke();
  fill(#6B5A4B);
  text(predictions.problem, 40, 20, width - 80, 120);

  float aim = width / 2;
  boolean isKnown = false;
  for (int i = 0; i < places.length; i++) {
    text(places[i], placeOf(i), height * 0.85);
    if (places[i].equals(predictions.label)) {
      aim = placeOf(i);
      isKnown = true;
    }
  }
  x = lerp(x, aim, 0.1);
  size = lerp(size, isKnown ? 40 + 120 * predictions.confidence : 40, 0.1);
  fill(isKnown ? #E4572E : #B8A894);
  circle(x, height / 2, size);
}
