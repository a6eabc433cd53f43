#include "samples/sine/pipeline.h"

#include "sine.frag.h"
#include "sine.vert.h"

static bool create_pass(struct pipeline *p, struct hipfx_vk *vk, struct hipfx_why *why)
{
    const VkAttachmentDescription attachments[] = {
        {.format = PICTURE_FORMAT,
         .samples = SAMPLES,
         .loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR,
         .storeOp = VK_ATTACHMENT_STORE_OP_DONT_CARE,
         .finalLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL},
        {.format = DEPTH_FORMAT,
         .samples = SAMPLES,
         .loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR,
         .storeOp = VK_ATTACHMENT_STORE_OP_DONT_CARE,
         .finalLayout = VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL},
        {.format = PICTURE_FORMAT,
         .samples = VK_SAMPLE_COUNT_1_BIT,
         .loadOp = VK_ATTACHMENT_LOAD_OP_DONT_CARE,
         .storeOp = VK_ATTACHMENT_STORE_OP_STORE,
         .finalLayout = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL},
    };
    const VkAttachmentReference samples = {0, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL};
    const VkAttachmentReference depth = {1, VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL};
    const VkAttachmentReference picture = {2, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL};
    const VkSubpassDescription subpass = {
        .pipelineBindPoint = VK_PIPELINE_BIND_POINT_GRAPHICS,
        .colorAttachmentCount = 1,
        .pColorAttachments = &samples,
        .pResolveAttachments = &picture,
        .pDepthStencilAttachment = &depth,
    };

    /* Before the pass: the frame before drew into these images, and its picture was copied.
     * After it: this frame's picture is copied. */
    const VkPipelineStageFlags stages = VK_PIPELINE_STAGE_EARLY_FRAGMENT_TESTS_BIT |
                                        VK_PIPELINE_STAGE_LATE_FRAGMENT_TESTS_BIT |
                                        VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT;
    const VkAccessFlags writes =
        VK_ACCESS_DEPTH_STENCIL_ATTACHMENT_WRITE_BIT | VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT;
    const VkAccessFlags reads =
        VK_ACCESS_DEPTH_STENCIL_ATTACHMENT_READ_BIT | VK_ACCESS_COLOR_ATTACHMENT_READ_BIT;
    const VkSubpassDependency dependencies[] = {
        {.srcSubpass = VK_SUBPASS_EXTERNAL,
         .srcStageMask = stages | VK_PIPELINE_STAGE_TRANSFER_BIT,
         .srcAccessMask = writes,
         .dstStageMask = stages,
         .dstAccessMask = writes | reads},
        {.dstSubpass = VK_SUBPASS_EXTERNAL,
         .srcStageMask = VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT,
         .srcAccessMask = VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT,
         .dstStageMask = VK_PIPELINE_STAGE_TRANSFER_BIT,
         .dstAccessMask = VK_ACCESS_TRANSFER_READ_BIT},
    };
    const VkRenderPassCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_RENDER_PASS_CREATE_INFO,
        .attachmentCount = 3,
        .pAttachments = attachments,
        .subpassCount = 1,
        .pSubpasses = &subpass,
        .dependencyCount = 2,
        .pDependencies = dependencies,
    };
    return CREATE(p->pass, why, vk, vkCreateRenderPass, &info);
}

/* The pipeline's one resource is the buffer of heights; beside it, the push constants. */
static bool create_layout(struct pipeline *p, struct hipfx_vk *vk, struct hipfx_why *why)
{
    const VkDescriptorSetLayoutBinding heights = {
        .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
        .descriptorCount = 1,
        .stageFlags = VK_SHADER_STAGE_VERTEX_BIT,
    };
    const VkDescriptorSetLayoutCreateInfo set_info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
        .bindingCount = 1,
        .pBindings = &heights,
    };
    if (!CREATE(p->set_layout, why, vk, vkCreateDescriptorSetLayout, &set_info))
        return false;
    const VkPushConstantRange push = {VK_SHADER_STAGE_VERTEX_BIT, 0, sizeof(struct push)};
    const VkPipelineLayoutCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .setLayoutCount = 1,
        .pSetLayouts = &p->set_layout,
        .pushConstantRangeCount = 1,
        .pPushConstantRanges = &push,
    };
    return CREATE(p->layout, why, vk, vkCreatePipelineLayout, &info);
}

static bool create_set(struct pipeline *p, struct hipfx_vk *vk, VkBuffer heights,
                       struct hipfx_why *why)
{
    const VkDescriptorPoolSize size = {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1};
    const VkDescriptorPoolCreateInfo pool_info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
        .maxSets = 1,
        .poolSizeCount = 1,
        .pPoolSizes = &size,
    };
    if (!CREATE(p->set_pool, why, vk, vkCreateDescriptorPool, &pool_info))
        return false;
    const VkDescriptorSetAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
        .descriptorPool = p->set_pool,
        .descriptorSetCount = 1,
        .pSetLayouts = &p->set_layout,
    };
    if (!VK(why, vk, vkAllocateDescriptorSets, vk->device, &info, &p->set))
        return false;
    const VkDescriptorBufferInfo range = {heights, 0, VK_WHOLE_SIZE};
    const VkWriteDescriptorSet write = {
        .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
        .dstSet = p->set,
        .descriptorCount = 1,
        .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
        .pBufferInfo = &range,
    };
    vk->fn.vkUpdateDescriptorSets(vk->device, 1, &write, 0, NULL);
    return true;
}

/* Both sides of every triangle are drawn, into a viewport that the commands set. */
static bool create_pipeline(struct pipeline *p, struct hipfx_vk *vk,
                            const VkPipelineShaderStageCreateInfo stages[2], struct hipfx_why *why)
{
    const VkPipelineVertexInputStateCreateInfo no_vertices = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_VERTEX_INPUT_STATE_CREATE_INFO,
    };
    const VkPipelineInputAssemblyStateCreateInfo strips = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_INPUT_ASSEMBLY_STATE_CREATE_INFO,
        .topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_STRIP,
    };
    const VkPipelineViewportStateCreateInfo viewport = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_VIEWPORT_STATE_CREATE_INFO,
        .viewportCount = 1,
        .scissorCount = 1,
    };
    const VkPipelineRasterizationStateCreateInfo raster = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_RASTERIZATION_STATE_CREATE_INFO,
        .lineWidth = 1.0f,
    };
    const VkPipelineMultisampleStateCreateInfo multisample = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO,
        .rasterizationSamples = SAMPLES,
    };
    const VkPipelineDepthStencilStateCreateInfo depth = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_DEPTH_STENCIL_STATE_CREATE_INFO,
        .depthTestEnable = VK_TRUE,
        .depthWriteEnable = VK_TRUE,
        .depthCompareOp = VK_COMPARE_OP_LESS,
    };
    const VkPipelineColorBlendAttachmentState opaque = {.colorWriteMask = 0xf};
    const VkPipelineColorBlendStateCreateInfo blend = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_COLOR_BLEND_STATE_CREATE_INFO,
        .attachmentCount = 1,
        .pAttachments = &opaque,
    };
    const VkDynamicState dynamic_states[] = {VK_DYNAMIC_STATE_VIEWPORT, VK_DYNAMIC_STATE_SCISSOR};
    const VkPipelineDynamicStateCreateInfo dynamic = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_DYNAMIC_STATE_CREATE_INFO,
        .dynamicStateCount = 2,
        .pDynamicStates = dynamic_states,
    };
    const VkGraphicsPipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO,
        .stageCount = 2,
        .pStages = stages,
        .pVertexInputState = &no_vertices,
        .pInputAssemblyState = &strips,
        .pViewportState = &viewport,
        .pRasterizationState = &raster,
        .pMultisampleState = &multisample,
        .pDepthStencilState = &depth,
        .pColorBlendState = &blend,
        .pDynamicState = &dynamic,
        .layout = p->layout,
        .renderPass = p->pass,
    };
    if (VK(why, vk, vkCreateGraphicsPipelines, vk->device, VK_NULL_HANDLE, 1, &info, NULL,
           &p->handle))
        return true;
    p->handle = VK_NULL_HANDLE;
    return false;
}

static bool create_shader(struct hipfx_vk *vk, const uint32_t *code, size_t size,
                          VkShaderStageFlagBits stage, VkPipelineShaderStageCreateInfo *out,
                          struct hipfx_why *why)
{
    *out = (VkPipelineShaderStageCreateInfo){
        .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
        .stage = stage,
        .pName = "main",
    };
    const VkShaderModuleCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
        .codeSize = size,
        .pCode = code,
    };
    return CREATE(out->module, why, vk, vkCreateShaderModule, &info);
}

bool pipeline_create(struct pipeline *p, struct hipfx_vk *vk, VkBuffer heights,
                     struct hipfx_why *why)
{
    *p = (struct pipeline){0};
    if (!create_pass(p, vk, why) || !create_layout(p, vk, why) || !create_set(p, vk, heights, why))
        return false;

    VkPipelineShaderStageCreateInfo stages[2] = {0};
    bool ok = create_shader(vk, sine_vert, sizeof(sine_vert), VK_SHADER_STAGE_VERTEX_BIT,
                            &stages[0], why) &&
              create_shader(vk, sine_frag, sizeof(sine_frag), VK_SHADER_STAGE_FRAGMENT_BIT,
                            &stages[1], why) &&
              create_pipeline(p, vk, stages, why);
    for (int i = 0; i < 2; i++)
        vk->fn.vkDestroyShaderModule(vk->device, stages[i].module, NULL);
    return ok;
}

void pipeline_destroy(struct pipeline *p, struct hipfx_vk *vk)
{
    vk->fn.vkDestroyPipeline(vk->device, p->handle, NULL);
    vk->fn.vkDestroyPipelineLayout(vk->device, p->layout, NULL);
    vk->fn.vkDestroyDescriptorPool(vk->device, p->set_pool, NULL);
    vk->fn.vkDestroyDescriptorSetLayout(vk->device, p->set_layout, NULL);
    vk->fn.vkDestroyRenderPass(vk->device, p->pass, NULL);
    *p = (struct pipeline){0};
}
