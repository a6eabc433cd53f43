/* What the tests do in OBS, in terms of scenes, inputs and filters. */
import { decodePng } from './pixels.mjs';
import { until } from './processes.mjs';

export const FILTER_KIND = 'hipfx_filter';

/* Settings take effect at OBS's next tick, and a frame may be shown one tick after it was made. */
const SETTLING_FRAMES = 4;

export function makeStudio(obs) {
  const { call } = obs;

  const frames = async () => (await call('GetStats')).renderTotalFrames;

  const settle = async () => {
    const first = await frames();
    await until(20_000, 'OBS to draw', async () => (await frames()) >= first + SETTLING_FRAMES);
  };

  const screenshot = async (sourceName) => {
    await settle();
    const { imageData } = await call('GetSourceScreenshot', { sourceName, imageFormat: 'png' });
    return decodePng(Buffer.from(imageData.split(',')[1], 'base64'));
  };

  const addInput = async (sceneName, inputName, inputKind, inputSettings) => {
    const { sceneItemId } = await call('CreateInput', {
      sceneName, inputName, inputKind, inputSettings,
    });
    await until(10_000, `${inputName} to have a size`, async () => {
      const { sceneItemTransform } = await call('GetSceneItemTransform', {
        sceneName, sceneItemId,
      });
      return sceneItemTransform.sourceWidth > 0;
    });
    return sceneItemId;
  };

  const addFilter = (sourceName, filterName, filterSettings, filterKind = FILTER_KIND) =>
    call('CreateSourceFilter', { sourceName, filterName, filterKind, filterSettings });

  /* One of ours, which lets frames pass until it has its device, however long that takes: it has it
   * once it makes the picture dark. */
  const addReadyFilter = async (sourceName, filterName, filterSettings) => {
    const before = await screenshot(sourceName);
    await addFilter(sourceName, filterName, { effect: 'color', 'color.exposure_ev': -8 });
    await until(30_000, `${filterName} to have its device`, async () =>
      !before.data.equals((await screenshot(sourceName)).data));
    await setFilter(sourceName, filterName, filterSettings);
  };

  /* Nothing of the filter's earlier settings is kept. */
  const setFilter = (sourceName, filterName, filterSettings) =>
    call('SetSourceFilterSettings', { sourceName, filterName, filterSettings, overlay: false });

  const removeFilter = (sourceName, filterName) =>
    call('RemoveSourceFilter', { sourceName, filterName });

  const filterNames = async (sourceName) => {
    const { filters } = await call('GetSourceFilterList', { sourceName });
    return filters.map((filter) => filter.filterName);
  };

  const clearFilters = async (...sourceNames) => {
    for (const sourceName of sourceNames)
      for (const filterName of await filterNames(sourceName))
        await removeFilter(sourceName, filterName);
  };

  return {
    call, settle, screenshot, addInput, addFilter, addReadyFilter, setFilter, removeFilter,
    filterNames, clearFilters,
  };
}
