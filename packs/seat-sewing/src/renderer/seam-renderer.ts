import { split, uniformAt } from '../line/counter-random.js';
import { createSensor, expose } from './camera.js';
import { createFrame, type Frame } from './frame.js';
import { type GrainTile, makeGrainTile } from './grain.js';
import { planSeam } from './plan.js';
import { layFold, pressStitch, pucker, punch } from './relief.js';
import { DEFAULT_CAMERA, DEFAULT_LIGHT, type Material, type SeamPicture, type SeamScene } from './scene.js';
import { drawStroke } from './stroke.js';
import { aim, shadeSurface, shineOn } from './surface.js';
import { TILE } from './tile.js';
import { makeTwist, type Twist } from './twist.js';

/** Grain tiles kept, 3 to 4 MB each; the one that was used longest ago goes first. */
const TILES_KEPT = 8;

/** Renders pictures of seams; keeps what repeats (grain, twist, sensor, planes) between them. */
export interface SeamRenderer {
  /**
   * One picture with its truth. The same scene gives the same bytes on every machine and after whatever was rendered
   * before. Throws RangeError where the size is no positive whole number or the holes do not match the stitches.
   */
  render(scene: SeamScene): SeamPicture;
}

export function createSeamRenderer(): SeamRenderer {
  const sensor = createSensor();
  const tiles = new Map<string, GrainTile>();
  const twists = new Map<number, Twist>();
  let frame: Frame | undefined;

  const tileOf = (material: Material, pxPerMm: number): GrainTile => {
    const { kind, grainSeed, grainMm, reliefMm } = material;
    const name = [kind, grainSeed, grainMm, reliefMm, pxPerMm].join(' ');
    const tile = tiles.get(name) ?? makeGrainTile(material, pxPerMm);
    tiles.delete(name);
    tiles.set(name, tile);
    const [oldest] = tiles.keys();
    if (tiles.size > TILES_KEPT && oldest !== undefined) tiles.delete(oldest);
    return tile;
  };
  const twistOf = (turnRadii: number): Twist => {
    const twist = twists.get(turnRadii) ?? makeTwist(turnRadii);
    if (twists.size > 64) twists.clear();
    twists.set(turnRadii, twist);
    return twist;
  };

  return {
    render(scene) {
      const { width = 384, height = 160, pxPerMm = 10, fromMm = 0, foldMm = 4, channels = 3 } = scene;
      check(scene, width, height, pxPerMm);
      if (frame?.width !== width || frame.height !== height || frame.pxPerMm !== pxPerMm)
        frame = createFrame(width, height, pxPerMm);
      const canvas = frame;
      const light = { ...DEFAULT_LIGHT, ...scene.light };
      const camera = { ...DEFAULT_CAMERA, ...scene.camera };
      const { material, seed } = scene;
      const lamp = aim(light);
      const hide = split(material.grainSeed, 0x41, seed);
      const plan = planSeam(scene, canvas, [-fromMm * pxPerMm, height / 2]);

      canvas.slopeX.fill(0);
      canvas.slopeY.fill(0);
      canvas.open.fill(1);
      shineOn(canvas, light.vignette, camera.halfDark);
      if (foldMm !== null) layFold(canvas, height / 2 - foldMm * pxPerMm, fromMm, hide);
      for (const { from, to, depthMm } of plan.presses) pressStitch(canvas, from, to, depthMm);
      for (const { at, amplitudeMm } of plan.puckers) pucker(canvas, at, amplitudeMm, fromMm * pxPerMm, hide);
      for (const { at, radius, torn, key } of plan.holes) punch(canvas, at[0], at[1], radius, torn, key);
      // Where on the hide this seam lies: the grain goes on from picture to picture of it.
      const tileX = Math.floor(uniformAt(hide, 1) * TILE + fromMm * pxPerMm);
      const tileY = Math.floor(uniformAt(hide, 2) * TILE);
      shadeSurface(canvas, tileOf(material, pxPerMm), material, lamp, [tileX, tileY]);
      for (const { stroke, turnRadii } of plan.strokes) drawStroke(canvas, stroke, twistOf(turnRadii), lamp);
      const pictureKey = split(seed, 0x51c, Math.floor(fromMm * 1000));
      return {
        pixels: expose(canvas, sensor, camera, pictureKey, channels),
        width,
        height,
        channels,
        truth: plan.truth,
      };
    },
  };
}

function check({ sewn }: SeamScene, width: number, height: number, pxPerMm: number): void {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1 || !(pxPerMm > 0))
    throw new RangeError(`a picture of ${width} x ${height} px at ${pxPerMm} px/mm cannot be rendered`);
  const stitches = sewn.faults.length;
  const { along, offset, lock } = sewn;
  if (along.length !== offset.length || lock.length !== stitches || along.length !== stitches + 1)
    throw new RangeError(
      `${stitches} stitches want ${stitches + 1} holes: along has ${along.length}, offset ${offset.length}, lock ${lock.length}`,
    );
}
