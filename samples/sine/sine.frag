#version 450
// Colour by height, the grid's lines, a sun and a sky; all in linear light.

layout(location = 0) in vec3 position;
layout(location = 1) in vec3 in_normal;
layout(location = 2) in vec3 eye;

layout(location = 0) out vec4 color;

const vec3 SUN = normalize(vec3(-0.55, 0.75, 0.35));
const float LINES_PER_UNIT = 16.0;
const float HEIGHT_MAX = 0.22;

vec3 ramp(float t)
{
    const vec3 low = vec3(0.010, 0.030, 0.150);
    const vec3 middle = vec3(0.020, 0.280, 0.360);
    const vec3 high = vec3(0.950, 0.520, 0.160);
    return t < 0.5 ? mix(low, middle, smoothstep(0.0, 0.5, t))
                   : mix(middle, high, smoothstep(0.5, 1.0, t));
}

// 1 on a line of the grid, with an edge one pixel soft, fading where lines come too close together.
float grid_line()
{
    vec2 at = position.xz * LINES_PER_UNIT;
    vec2 pixel = fwidth(at);
    vec2 away = abs(fract(at - 0.5) - 0.5) / pixel;
    vec2 line = clamp(1.3 - away, 0.0, 1.0) * smoothstep(0.5, 0.15, pixel);
    return max(line.x, line.y);
}

void main()
{
    vec3 normal = normalize(in_normal);
    vec3 view = normalize(eye - position);
    if (dot(normal, view) < 0.0)
        normal = -normal;

    vec3 base = ramp(position.y / HEIGHT_MAX * 0.5 + 0.5);
    base = mix(base, base * 2.2 + 0.02, 0.55 * grid_line());

    float sun = max(dot(normal, SUN), 0.0);
    vec3 sky = mix(vec3(0.10, 0.09, 0.08), vec3(0.30, 0.38, 0.50), normal.y * 0.5 + 0.5);
    float shine = pow(max(dot(normal, normalize(SUN + view)), 0.0), 90.0);
    float rim = pow(1.0 - max(dot(normal, view), 0.0), 5.0);

    vec3 lit = base * (sky + 1.5 * sun * vec3(1.0, 0.94, 0.84)) + 0.45 * shine * sun +
               0.20 * rim * vec3(0.30, 0.45, 0.65);
    color = vec4(lit, 1.0);
}
