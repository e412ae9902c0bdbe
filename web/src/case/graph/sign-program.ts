import { NodeProgram, type ProgramInfo } from 'sigma/rendering';
import type { NodeDisplayData, RenderParams } from 'sigma/types';
import { floatColor } from 'sigma/utils';

/** What a node carries beside sigma's own. */
export interface SignData {
  /** Place of the sign in SIGNS. */
  readonly sign: number;
  /** A ring around it: more than one place. */
  readonly ring: boolean;
}

const RING = 16;

// One point each: without a graphics card, quads by instance take ten times as long. The point is half as wide again as the
// sign, for the ring. a_sign: place in SIGNS, and 16 for a ring.
const VERTEX = `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec2 a_position;
attribute float a_size;
attribute float a_sign;
uniform mat3 u_matrix;
uniform float u_scale;
varying vec4 v_color;
varying float v_sign;
varying float v_soft;
const float bias = 255.0 / 254.0;
void main() {
  float radius = a_size * u_scale;
  gl_Position = vec4((u_matrix * vec3(a_position, 1)).xy, 0, 1);
  gl_PointSize = radius * 3.0;
  v_sign = a_sign;
  v_soft = 1.2 / radius;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= bias;
}`;

// Distances are in radii; y grows upwards here.
const FRAGMENT = `
precision highp float;
varying vec4 v_color;
varying float v_sign;
varying float v_soft;
float box(vec2 p, float h) { return max(abs(p.x), abs(p.y)) - h; }
float diamond(vec2 p, float h) { return (abs(p.x) + abs(p.y) - h) * 0.7071; }
float sign_of(float s, vec2 p) {
  if (s < 0.5) return length(p) - 0.95;
  if (s < 1.5) return box(p, 0.8);
  if (s < 2.5) return max(box(p, 0.8), -box(p, 0.45));
  if (s < 3.5) return diamond(p, 1.0);
  if (s < 4.5) return max(diamond(p, 1.0), -diamond(p, 0.5));
  if (s < 5.5) return max(abs(p.y) - 0.85, abs(p.x) * 0.866 + abs(p.y) * 0.5 - 0.85);
  if (s < 6.5) return max(-p.x - 0.7, p.x * 0.468 + abs(p.y) * 0.884 - 0.468);
  if (s < 7.5) {
    vec2 q = abs(vec2(p.x - p.y, p.x + p.y) * 0.7071);
    return max(max(q.x, q.y) - 0.92, min(q.x, q.y) - 0.3);
  }
  return max(p.y - 0.6, -p.y * 0.493 + abs(p.x) * 0.87 - 0.444);
}
void main(void) {
  vec2 point = vec2(gl_PointCoord.x - 0.5, 0.5 - gl_PointCoord.y) * 3.0;
  bool ring = v_sign > 15.5;
  float d = sign_of(ring ? v_sign - 16.0 : v_sign, point);
  #ifdef PICKING_MODE
  float whole = min(d, length(point) - (ring ? 1.4 : 0.7));
  gl_FragColor = whole > 0.0 ? vec4(0.0) : v_color;
  #else
  if (ring) d = min(d, abs(length(point) - 1.3) - 0.11);
  gl_FragColor = mix(v_color, vec4(0.0), smoothstep(-v_soft, 0.0, d));
  #endif
}`;

const UNIFORMS = ['u_scale', 'u_matrix'] as const;
const { FLOAT, UNSIGNED_BYTE, POINTS } = WebGLRenderingContext;

/** Draws a place as the sign of its kind. */
export class SignProgram extends NodeProgram<(typeof UNIFORMS)[number]> {
  getDefinition() {
    return {
      VERTICES: 1,
      VERTEX_SHADER_SOURCE: VERTEX,
      FRAGMENT_SHADER_SOURCE: FRAGMENT,
      METHOD: POINTS,
      UNIFORMS,
      ATTRIBUTES: [
        { name: 'a_position', size: 2, type: FLOAT },
        { name: 'a_size', size: 1, type: FLOAT },
        { name: 'a_sign', size: 1, type: FLOAT },
        { name: 'a_color', size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: 'a_id', size: 4, type: UNSIGNED_BYTE, normalized: true },
      ],
    };
  }

  processVisibleItem(nodeIndex: number, startIndex: number, data: NodeDisplayData & Partial<SignData>): void {
    const sign = (data.sign ?? 0) + (data.ring === true ? RING : 0);
    this.array.set([data.x, data.y, data.size, sign, floatColor(data.color), nodeIndex], startIndex);
  }

  setUniforms(params: RenderParams, { gl, uniformLocations, isPicking }: ProgramInfo): void {
    const pixels = isPicking ? params.pixelRatio / params.downSizingRatio : params.pixelRatio;
    gl.uniform1f(uniformLocations.u_scale!, pixels / params.sizeRatio);
    gl.uniformMatrix3fv(uniformLocations.u_matrix!, false, params.matrix);
  }
}
