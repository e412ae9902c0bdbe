import { createEdgeCompoundProgram, EdgeProgram, type EdgeProgramType, type ProgramInfo } from 'sigma/rendering';
import type { EdgeDisplayData, NodeDisplayData, RenderParams } from 'sigma/types';
import { floatColor } from 'sigma/utils';
import { bendOf } from '../../graph/curve.ts';

/** What an edge carries beside sigma's own. */
export interface LineData {
  /** Against the way of the picture: drawn with gaps. */
  readonly back: boolean;
}

const { FLOAT, UNSIGNED_BYTE, TRIANGLES } = WebGLRenderingContext;
const UNIFORMS = [
  'u_matrix',
  'u_zoomRatio',
  'u_sizeRatio',
  'u_correctionRatio',
  'u_pixelRatio',
  'u_feather',
  'u_minEdgeThickness',
] as const;

// Leaves and arrives level, so that a head always points to the right; what runs back loops around both ends.
const HEAD = `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec2 a_from;
attribute vec2 a_to;
attribute float a_width;
attribute float a_radius;
attribute float a_bend;
attribute float a_dashes;
uniform mat3 u_matrix;
uniform float u_zoomRatio;
uniform float u_sizeRatio;
uniform float u_correctionRatio;
uniform float u_pixelRatio;
uniform float u_feather;
uniform float u_minEdgeThickness;
varying vec4 v_color;
const float bias = 255.0 / 254.0;
float width_of() { return max(a_width, u_minEdgeThickness * u_sizeRatio); }
float unit() { return 2.0 * u_correctionRatio / u_sizeRatio; }
void paint() {
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= bias;
}`;

const CURVE_VERTEX = `${HEAD}
attribute float a_t;
attribute float a_side;
varying float v_side;
varying float v_half;
varying float v_feather;
varying float v_along;
void main() {
  float width = width_of();
  vec2 end = a_to - vec2((a_radius + 3.0 + width * 1.2) * unit(), 0.0);
  vec2 c1 = a_from + vec2(a_bend, 0.0);
  vec2 c2 = end - vec2(a_bend, 0.0);
  float s = 1.0 - a_t;
  vec2 point = s * s * s * a_from + 3.0 * s * s * a_t * c1 + 3.0 * s * a_t * a_t * c2 + a_t * a_t * a_t * end;
  vec2 way = s * s * (c1 - a_from) + 2.0 * s * a_t * (c2 - c1) + a_t * a_t * (end - c2);
  vec2 normal = normalize(vec2(-way.y, way.x) + vec2(0.0, 1e-9));
  float half_width = width * u_correctionRatio / u_sizeRatio;
  gl_Position = vec4((u_matrix * vec3(point + normal * a_side * half_width, 1)).xy, 0, 1);
  v_side = a_side;
  v_half = half_width / u_zoomRatio;
  v_feather = u_feather * u_correctionRatio / u_zoomRatio / u_pixelRatio * 2.0;
  v_along = a_dashes * a_t;
  paint();
}`;

const CURVE_FRAGMENT = `
precision mediump float;
varying vec4 v_color;
varying float v_side;
varying float v_half;
varying float v_feather;
varying float v_along;
void main(void) {
  #ifdef PICKING_MODE
  gl_FragColor = v_color;
  #else
  if (fract(v_along) > 0.6) discard;
  float t = smoothstep(v_half - v_feather, v_half, abs(v_side) * v_half);
  gl_FragColor = mix(v_color, vec4(0.0), t);
  #endif
}`;

const ARROW_VERTEX = `${HEAD}
attribute vec2 a_corner;
void main() {
  float width = width_of();
  vec2 corner = a_corner * vec2(3.0 + width * 1.2, 2.0 + width * 0.9);
  vec2 point = a_to + (corner - vec2(a_radius, 0.0)) * unit();
  gl_Position = vec4((u_matrix * vec3(point, 1)).xy, 0, 1);
  paint();
}`;

const ARROW_FRAGMENT = `
precision mediump float;
varying vec4 v_color;
void main(void) { gl_FragColor = v_color; }`;

const ATTRIBUTES = [
  { name: 'a_from', size: 2, type: FLOAT },
  { name: 'a_to', size: 2, type: FLOAT },
  { name: 'a_width', size: 1, type: FLOAT },
  { name: 'a_radius', size: 1, type: FLOAT },
  { name: 'a_bend', size: 1, type: FLOAT },
  { name: 'a_dashes', size: 1, type: FLOAT },
  { name: 'a_color', size: 4, type: UNSIGNED_BYTE, normalized: true },
  { name: 'a_id', size: 4, type: UNSIGNED_BYTE, normalized: true },
];

const DASHES_PER_UNIT = 90;
/** Width of the box where Sigma has the whole, margins too, as 1. */
const PICTURE = 0.82;

/** While the picture moves, lines of a large one are left out; they come back after a moment of rest. */
export interface Motion {
  moving: boolean;
}

abstract class FlowProgram extends EdgeProgram<(typeof UNIFORMS)[number]> {
  processVisibleItem(
    edgeIndex: number,
    startIndex: number,
    from: NodeDisplayData,
    to: NodeDisplayData,
    data: EdgeDisplayData & Partial<LineData>,
  ): void {
    const dashes = data.back === true ? Math.hypot(to.x - from.x, to.y - from.y) * DASHES_PER_UNIT + 4 : 0;
    this.array.set(
      [
        from.x,
        from.y,
        to.x,
        to.y,
        data.size,
        to.size,
        bendOf(to.x - from.x, PICTURE),
        dashes,
        floatColor(data.color),
        edgeIndex,
      ],
      startIndex,
    );
  }

  protected abstract get motion(): Motion;

  override render(params: RenderParams): void {
    if (!this.motion.moving) super.render(params);
  }

  setUniforms(params: RenderParams, { gl, uniformLocations }: ProgramInfo): void {
    const set = (name: (typeof UNIFORMS)[number], value: number): void => {
      const location = (uniformLocations as Record<string, WebGLUniformLocation | undefined>)[name];
      if (location !== undefined) gl.uniform1f(location, value);
    };
    gl.uniformMatrix3fv(uniformLocations.u_matrix!, false, params.matrix);
    set('u_zoomRatio', params.zoomRatio);
    set('u_sizeRatio', params.sizeRatio);
    set('u_correctionRatio', params.correctionRatio);
    set('u_pixelRatio', params.pixelRatio);
    set('u_feather', params.antiAliasingFeather);
    set('u_minEdgeThickness', params.minEdgeThickness);
  }
}

/** Parts of a curve as triangles: t along it, the side of it. */
function stripOf(parts: number): number[][] {
  return Array.from({ length: parts }, (_, part) => {
    const [a, b] = [part / parts, (part + 1) / parts];
    return [
      [a, 1],
      [a, -1],
      [b, 1],
      [b, 1],
      [a, -1],
      [b, -1],
    ];
  }).flat();
}

abstract class ArrowProgram extends FlowProgram {
  getDefinition() {
    return {
      VERTICES: 3,
      VERTEX_SHADER_SOURCE: ARROW_VERTEX,
      FRAGMENT_SHADER_SOURCE: ARROW_FRAGMENT,
      METHOD: TRIANGLES,
      UNIFORMS,
      ATTRIBUTES,
      CONSTANT_ATTRIBUTES: [{ name: 'a_corner', size: 2, type: FLOAT }],
      CONSTANT_DATA: [
        [0, 0],
        [-1, 1],
        [-1, -1],
      ],
    };
  }
}

/** Lines of so many straight parts, with a head at their end. */
export function lineProgram(parts: number, motion: Motion): EdgeProgramType {
  const strip = stripOf(parts);
  class HeadProgram extends ArrowProgram {
    protected get motion(): Motion {
      return motion;
    }
  }
  class CurveProgram extends FlowProgram {
    protected get motion(): Motion {
      return motion;
    }

    getDefinition() {
      return {
        VERTICES: strip.length,
        VERTEX_SHADER_SOURCE: CURVE_VERTEX,
        FRAGMENT_SHADER_SOURCE: CURVE_FRAGMENT,
        METHOD: TRIANGLES,
        UNIFORMS,
        ATTRIBUTES,
        CONSTANT_ATTRIBUTES: [
          { name: 'a_t', size: 1, type: FLOAT },
          { name: 'a_side', size: 1, type: FLOAT },
        ],
        CONSTANT_DATA: strip,
      };
    }
  }
  return createEdgeCompoundProgram([CurveProgram, HeadProgram]);
}
