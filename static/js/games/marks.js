// Small marks that several games draw.

/** Texts of points, made once. @type {Map<number, string>} */
const texts = new Map();

/** Write points as they fly up. @param {number} points */
export function pointsText(points) {
  let text = texts.get(points);
  if (!text) texts.set(points, (text = `+${points}`));
  return text;
}

/**
 * Draw a chevron around 0, 0 that points along a direction.
 * @param {CanvasRenderingContext2D} ctx @param {number} direction quarter turns clockwise from the right
 * @param {string} ink of its outline @param {string} colour
 */
export function chevron(ctx, direction, ink, colour) {
  ctx.rotate((direction * Math.PI) / 2);
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  ctx.beginPath();
  ctx.moveTo(-4, -8);
  ctx.lineTo(4, 0);
  ctx.lineTo(-4, 8);
  ctx.strokeStyle = ink;
  ctx.lineWidth = 8;
  ctx.stroke();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 4;
  ctx.stroke();
}
