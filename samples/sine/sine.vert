#version 450
// One vertex of the grid: no vertex buffer, the heights are all there is.

layout(std430, binding = 0) readonly buffer Heights {
    float heights[];
};

layout(push_constant) uniform Push {
    float aspect; // width / height of the picture
    float angle;  // of the camera around the surface, radians
    int size;     // of the grid, vertices a side
};

layout(location = 0) out vec3 out_position;
layout(location = 1) out vec3 out_normal;
layout(location = 2) out vec3 out_eye;

// The grid spans -1..1.
float cell()
{
    return 2.0 / float(size - 1);
}

float height(ivec2 at)
{
    at = clamp(at, ivec2(0), ivec2(size - 1));
    return heights[at.y * size + at.x];
}

vec3 normal(ivec2 at)
{
    float dx = height(at + ivec2(1, 0)) - height(at - ivec2(1, 0));
    float dz = height(at + ivec2(0, 1)) - height(at - ivec2(0, 1));
    return normalize(vec3(-dx, 2.0 * cell(), -dz));
}

mat4 look_at(vec3 eye, vec3 center)
{
    vec3 back = normalize(eye - center);
    vec3 right = normalize(cross(vec3(0, 1, 0), back));
    vec3 up = cross(back, right);
    mat3 turn = transpose(mat3(right, up, back));
    mat4 view = mat4(turn);
    view[3] = vec4(-turn * eye, 1);
    return view;
}

// Vulkan's clip space: y points down, depth is 0..1.
mat4 perspective(float fov_y, float near, float far)
{
    float f = 1.0 / tan(fov_y / 2.0);
    return mat4(f / aspect, 0, 0, 0, //
                0, -f, 0, 0,         //
                0, 0, far / (near - far), -1, //
                0, 0, near * far / (near - far), 0);
}

void main()
{
    // An instance is a strip between two rows; its vertices go up and down between them.
    ivec2 at = ivec2(gl_VertexIndex / 2, gl_InstanceIndex + (gl_VertexIndex & 1));
    vec3 eye = vec3(2.7 * sin(angle), 1.75, 2.7 * cos(angle));
    vec2 ground = vec2(at) * cell() - 1.0;

    out_position = vec3(ground.x, height(at), ground.y);
    out_normal = normal(at);
    out_eye = eye;
    gl_Position = perspective(radians(38.0), 0.5, 8.0) * look_at(eye, vec3(0, -0.16, 0)) *
                  vec4(out_position, 1);
}
