import Graph from 'graphology';
import Sigma from 'sigma';
import type { EdgeDisplayData, NodeDisplayData } from 'sigma/types';
import { type Curve, curveOf, distanceTo } from '../../graph/curve.ts';
import { BOX } from '../../graph/layout.ts';
import { mix } from '../../graph/look.ts';
import type { Scene, SceneLine, SceneNode } from '../../graph/scene.ts';
import { kindOf, SIGNS, signOf } from '../../graph/signs.ts';
import type { Point } from '../../graph/state.ts';
import { drawHover, drawLabel, type LabelStyle } from './labels.ts';
import { lineProgram, type Motion } from './line-program.ts';
import { SignProgram } from './sign-program.ts';
import type { Theme } from './theme.ts';

/** What a person did on the canvas. */
export interface ViewEvents {
  readonly onNode: (key: string, more: boolean) => void;
  readonly onLine: (key: string) => void;
  readonly onStage: () => void;
  readonly onOpen: (key: string) => void;
  readonly onPlaced: (key: string, point: Point) => void;
  readonly onMoved: (toPage: (point: Point) => Point) => void;
}

export interface Marked {
  readonly nodes: ReadonlySet<string>;
  readonly line: string | null;
}

/** Above this, lines and names are left out while the picture moves. */
const MANY_LINES = 800;
const MANY_SHAPES = 120;
const FINE = 20;
const COARSE = 4;
const DRAG_PIXELS = 4;
const CLICK_PIXELS = 6;
const REST_MS = 300;
const FADED = 0.22;
/** Pixels for each unit of the box for which signs have their size. */
const USUAL_SCALE = 0.45;
const MARGIN = { left: 70, right: 400, top: 90, bottom: 60 };

/** Sigma with the signs and lines of a flow. */
export class FlowView {
  readonly #sigma: Sigma;
  readonly #events: ViewEvents;
  #graph: Graph;
  #made = false;
  #part: number;
  readonly #motion: Motion = { moving: false };
  #rest: ReturnType<typeof setTimeout> | undefined;
  #scene: Scene;
  #theme: Theme;
  #marked: Marked = { nodes: new Set(), line: null };
  #pointed: string | null = null;
  #hovered: string | null = null;
  #near: ReadonlySet<string> | null = null;
  #dragged: { readonly key: string; readonly from: Point; moved: boolean } | null = null;

  constructor(container: HTMLElement, scene: Scene, theme: Theme, events: ViewEvents) {
    this.#scene = scene;
    this.#theme = theme;
    this.#events = events;
    const label = (): LabelStyle => ({
      theme: this.#theme,
      scale: this.#made ? this.#sigma.getGraphToViewportRatio() : 0,
    });
    this.#part = sizePart(container);
    this.#graph = graphOf(scene, theme, this.#part);
    this.#sigma = new Sigma(new Graph({ type: 'directed' }), container, {
      nodeProgramClasses: { sign: SignProgram },
      edgeProgramClasses: { fine: lineProgram(FINE, this.#motion), coarse: lineProgram(COARSE, this.#motion) },
      defaultNodeType: 'sign',
      defaultEdgeType: 'fine',
      defaultDrawNodeLabel: (context, data) => drawLabel(context, data, label()),
      defaultDrawNodeHover: (context, data) => {
        const { key } = data as unknown as { key: string };
        if (this.#isLarge) this.#drawNear(context, key);
        drawHover(context, data, label(), key === this.#pointed || this.#marked.nodes.size === 1);
      },
      nodeReducer: (key, data) => this.#drawnNode(key, data as unknown as NodeDisplayData),
      edgeReducer: (key, data) => this.#drawnLine(key, data as unknown as EdgeDisplayData),
      enableCameraRotation: false,
      zIndex: true,
      minEdgeThickness: 0.6,
      stagePadding: 12,
      labelFont: theme.font,
      labelSize: 12,
      minCameraRatio: 0.01,
      maxCameraRatio: 4,
      ...densityOf(scene),
    });
    this.#made = true;
    this.#sigma.setCustomBBox(boundsOf());
    this.#listen();
    // Only now, so that all lines are drawn once and not twice.
    this.#sigma.setGraph(this.#graph);
  }

  /** Draws another scene; where only amounts or places changed, what is there is changed in place. */
  show(scene: Scene): void {
    if (scene === this.#scene) return;
    const same = scene.picture === this.#scene.picture;
    this.#scene = scene;
    if (same) {
      this.#repaint();
      return;
    }
    this.#pointed = null;
    this.#hovered = null;
    this.#near = null;
    this.#sigma.setSettings(densityOf(scene));
    this.#graph = graphOf(scene, this.#theme, this.#part);
    this.#sigma.setGraph(this.#graph);
  }

  mark(marked: Marked): void {
    if (sameMarks(marked, this.#marked)) return;
    this.#marked = marked;
    this.#sigma.scheduleRefresh();
  }

  paint(theme: Theme): void {
    this.#theme = theme;
    this.#repaint();
  }

  #repaint(): void {
    // Past graphology's events, of which Sigma would follow each by itself.
    const part = sizePart(this.#sigma.getContainer());
    this.#part = part;
    this.#graph.forEachNode((_, data) => Object.assign(data, nodeData(this.#scene, data.at, this.#theme, part)));
    this.#graph.forEachEdge((_, data) => Object.assign(data, lineData(this.#scene, data.at, this.#theme)));
    this.#sigma.scheduleRefresh();
  }

  zoom(factor: number): void {
    const camera = this.#sigma.getCamera();
    camera.animate({ ratio: camera.getBoundedRatio(camera.ratio / factor) }, { duration: 150 });
  }

  fit(): void {
    this.#sigma.getCamera().animate({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }, { duration: 200 });
  }

  /** Moves the picture where the shape is out of sight. */
  reveal(key: string): void {
    const data = this.#sigma.getNodeDisplayData(key);
    if (data === undefined) return;
    const { x, y } = this.#sigma.framedGraphToViewport(data);
    const { width, height } = this.#sigma.getDimensions();
    if (x > 20 && y > 20 && x < width - 20 && y < height - 20) return;
    this.#sigma.getCamera().animate({ x: data.x, y: data.y }, { duration: 200 });
  }

  /** Where the frame got another size. */
  resize(): void {
    const part = sizePart(this.#sigma.getContainer());
    if (part === this.#part) this.#sigma.scheduleRender();
    else this.#repaint();
  }

  /** Copies what is seen onto a canvas of so many times its size. */
  copyTo(context: CanvasRenderingContext2D, top: number): void {
    this.#motion.moving = false;
    // What was drawn by WebGL is kept only until the page is shown: draw and copy in one go.
    this.#sigma.refresh();
    for (const canvas of Object.values(this.#sigma.getCanvases()))
      if (canvas.width > 0 && canvas.height > 0) context.drawImage(canvas, 0, top);
  }

  get pixels(): { readonly width: number; readonly height: number; readonly ratio: number } {
    const canvas = this.#sigma.getCanvases().nodes!;
    return { width: canvas.width, height: canvas.height, ratio: canvas.width / this.#sigma.getDimensions().width };
  }

  kill(): void {
    clearTimeout(this.#rest);
    this.#sigma.getContainer().removeEventListener('dblclick', this.#onDouble);
    this.#sigma.kill();
  }

  #listen(): void {
    const sigma = this.#sigma;
    const more = (event: { original: MouseEvent | TouchEvent }): boolean => event.original.shiftKey;
    sigma.on('clickNode', ({ node, event }) => this.#events.onNode(node, more(event)));
    sigma.on('clickStage', ({ event }) => {
      // With Shift signs are gathered: a click beside one must not lose them.
      if (more(event)) return;
      const line = this.#lineAt(event);
      if (line === null) this.#events.onStage();
      else this.#events.onLine(line);
    });
    sigma.on('doubleClickNode', ({ preventSigmaDefault }) => preventSigmaDefault());
    // The browser's own: Sigma counts clicks by its clock, which a slow drawing holds up.
    sigma.getContainer().addEventListener('dblclick', this.#onDouble);
    sigma.on('enterNode', ({ node }) => this.#hover(node));
    sigma.on('leaveNode', () => this.#hover(null));
    sigma.on('downNode', ({ node, event }) => {
      this.#dragged = { key: node, from: { x: event.x, y: event.y }, moved: false };
    });
    sigma.on('moveBody', ({ event, preventSigmaDefault }) => {
      const dragged = this.#dragged;
      if (dragged === null) return;
      preventSigmaDefault();
      const far = Math.hypot(event.x - dragged.from.x, event.y - dragged.from.y);
      if (far < DRAG_PIXELS && !dragged.moved) return;
      dragged.moved = true;
      this.#graph.mergeNodeAttributes(dragged.key, sigma.viewportToGraph(event));
    });
    const drop = (): void => this.#drop();
    sigma.on('upNode', drop);
    sigma.on('upStage', drop);
    sigma.getCamera().on('updated', () => this.#move());
    sigma.on('afterRender', () => this.#events.onMoved(({ x, y }) => sigma.graphToViewport({ x, y: BOX.height - y })));
  }

  readonly #onDouble = (): void => {
    if (this.#pointed !== null) this.#events.onOpen(this.#pointed);
  };

  #move(): void {
    if (!this.#isLarge) return;
    this.#motion.moving = true;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#motion.moving = false;
      this.#sigma.scheduleRender();
    }, REST_MS);
  }

  #drop(): void {
    const dragged = this.#dragged;
    this.#dragged = null;
    if (dragged?.moved !== true || !this.#graph.hasNode(dragged.key)) return;
    const { x, y } = this.#graph.getNodeAttributes(dragged.key);
    this.#events.onPlaced(dragged.key, { x: Math.round(x), y: Math.round(BOX.height - y) });
  }

  /** Too much to draw all of it anew for each sign that the pointer passes. */
  get #isLarge(): boolean {
    return this.#scene.lines.length > MANY_LINES;
  }

  #hover(key: string | null): void {
    this.#pointed = key;
    if (this.#isLarge) return;
    this.#hovered = key;
    const graph = this.#graph;
    this.#near = key === null || !graph.hasNode(key) ? null : new Set([key, ...graph.neighbors(key)]);
    this.#sigma.scheduleRefresh();
  }

  #curveOf(line: SceneLine): Curve {
    const { nodes } = this.#scene;
    const point = ({ x, y }: SceneNode): Point => this.#sigma.graphToViewport({ x, y: BOX.height - y });
    const target = nodes[line.to]!;
    const scale = this.#sigma.getGraphToViewportRatio();
    return curveOf(point(nodes[line.from]!), point(target), scale, this.#sigma.scaleSize(target.size));
  }

  /** The line under the pointer. Sought when it is asked for: to draw all lines a second time for it costs more. */
  #lineAt(at: Point): string | null {
    let nearest: { readonly key: string; readonly far: number } | null = null;
    for (const line of this.#scene.lines) {
      if (!line.begun) continue;
      const far = distanceTo(this.#curveOf(line), at) - this.#sigma.scaleSize(line.width) / 2;
      if (far < CLICK_PIXELS && (nearest === null || far < nearest.far)) nearest = { key: line.key, far };
    }
    return nearest?.key ?? null;
  }

  #drawNear(context: CanvasRenderingContext2D, key: string): void {
    const at = this.#scene.nodes.findIndex((node) => node.key === key);
    context.strokeStyle = this.#theme.strongEdge;
    for (const line of this.#scene.lines) {
      if (!line.begun || (line.from !== at && line.to !== at)) continue;
      const [from, first, second, end] = this.#curveOf(line);
      context.lineWidth = Math.max(1.5, line.width);
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.bezierCurveTo(first.x, first.y, second.x, second.y, end.x, end.y);
      context.stroke();
    }
  }

  #drawnNode(key: string, data: NodeDisplayData): Partial<NodeDisplayData> {
    const marked = this.#marked.nodes.has(key);
    if (this.#near !== null && !this.#near.has(key))
      return { ...data, color: mix(data.color, this.#theme.panel, FADED), label: null, zIndex: 0 };
    return { ...data, highlighted: marked, forceLabel: marked || data.forceLabel, zIndex: marked ? 3 : data.zIndex };
  }

  #drawnLine(key: string, data: EdgeDisplayData): Partial<EdgeDisplayData> {
    const graph = this.#graph;
    const [from, to] = graph.extremities(key);
    if (this.#marked.line === key)
      return { ...data, color: this.#theme.focus, size: Math.max(data.size, 2.5), zIndex: 3 };
    if (this.#hovered !== null) {
      const touches = from === this.#hovered || to === this.#hovered;
      const color = touches ? this.#theme.strongEdge : mix(data.color, this.#theme.panel, FADED);
      return { ...data, color, zIndex: touches ? 2 : 0 };
    }
    const touches =
      this.#marked.nodes.size <= MANY_SHAPES && (this.#marked.nodes.has(from) || this.#marked.nodes.has(to));
    return touches ? { ...data, color: this.#theme.strongEdge, zIndex: 2 } : data;
  }
}

function sameMarks(a: Marked, b: Marked): boolean {
  return a.line === b.line && a.nodes.size === b.nodes.size && [...a.nodes].every((key) => b.nodes.has(key));
}

/** Signs are smaller where the frame is too small for the box at its usual scale. */
function sizePart({ offsetWidth, offsetHeight }: HTMLElement): number {
  const { left, right, top, bottom } = MARGIN;
  const scale = Math.min(offsetWidth / (BOX.width + left + right), offsetHeight / (BOX.height + top + bottom));
  return Math.min(1, Math.max(0.3, scale / USUAL_SCALE));
}

function graphOf(scene: Scene, theme: Theme, part: number): Graph {
  const graph = new Graph({ type: 'directed', multi: false, allowSelfLoops: false });
  for (const [at, { key }] of scene.nodes.entries()) graph.addNode(key, { at, ...nodeData(scene, at, theme, part) });
  for (const [at, { key, from, to }] of scene.lines.entries())
    graph.addDirectedEdgeWithKey(key, scene.nodes[from]!.key, scene.nodes[to]!.key, {
      at,
      ...lineData(scene, at, theme),
    });
  return graph;
}

function nodeData(scene: Scene, at: number, theme: Theme, part: number): Record<string, unknown> {
  const node: SceneNode = scene.nodes[at]!;
  return {
    x: node.x,
    y: BOX.height - node.y,
    size: node.size * part,
    color: theme.kinds[kindOf(node.kind)],
    sign: SIGNS.indexOf(signOf(node.kind)),
    ring: node.many,
    label: node.title,
    detail: node.detail,
    brief: node.brief,
    room: node.room,
    hidden: !node.begun,
    // Whether there is room for a name is seen when it is drawn.
    forceLabel: true,
    zIndex: 1,
  };
}

function lineData(scene: Scene, at: number, theme: Theme): Record<string, unknown> {
  const line: SceneLine = scene.lines[at]!;
  const target = scene.nodes[line.to]!;
  const color = theme.kinds[kindOf(target.kind)]!;
  return {
    type: scene.lines.length > MANY_LINES ? 'coarse' : 'fine',
    size: line.width,
    // Towards a stop a line takes a little of its colour; what runs back is muted and has gaps.
    color: target.kind === 'address' ? theme.edge : mix(color, theme.edge, 0.35),
    back: line.back,
    hidden: !line.begun,
    zIndex: 1,
  };
}

function densityOf(scene: Scene): Record<string, unknown> {
  const many = scene.lines.length > MANY_LINES || scene.nodes.length > MANY_SHAPES * 4;
  return {
    hideEdgesOnMove: many,
    hideLabelsOnMove: many,
  };
}

function boundsOf(): { x: [number, number]; y: [number, number] } {
  return { x: [-MARGIN.left, BOX.width + MARGIN.right], y: [-MARGIN.bottom, BOX.height + MARGIN.top] };
}
