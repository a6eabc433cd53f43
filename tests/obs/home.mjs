/* A throw-away home for OBS Studio: its settings, and the plugin installed in it as a user would.
 * OBS finds everything in it through HOME and the XDG variables of `environment`. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PROFILE = 'Test';

/* FirstRun is OBS's mark that the first run is over: without it the set-up wizard opens. */
const globalIni = (port) => `[General]
FirstRun=true
EnableAutoUpdates=false
ConfirmOnExit=false

[Basic]
Profile=${PROFILE}
ProfileDir=${PROFILE}
SceneCollection=${PROFILE}
SceneCollectionFile=${PROFILE}
ConfigOnNewProfile=false

[BasicWindow]
SysTrayEnabled=false
ShowTransitions=true

[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort=${port}
AlertsEnabled=false
AuthRequired=false
`;

const basicIni = ({ width, height, fps }) => `[General]
Name=${PROFILE}

[Output]
Mode=Simple

[SimpleOutput]
StreamEncoder=x264
RecEncoder=x264

[Video]
BaseCX=${width}
BaseCY=${height}
OutputCX=${width}
OutputCY=${height}
FPSType=1
FPSInt=${fps}
`;

const write = (path, text) => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
};

/* path: a folder to make anew; module: path of obs-hipfx.so; data: the folder that holds locale/;
 * canvas: {width, height, fps}. */
export function makeHome({ path, module, data, port, canvas }) {
  rmSync(path, { recursive: true, force: true });
  const config = join(path, '.config');
  const obs = join(config, 'obs-studio');
  const runtime = join(path, 'runtime');
  mkdirSync(runtime, { recursive: true, mode: 0o700 });

  write(join(obs, 'global.ini'), globalIni(port));
  write(join(obs, 'basic', 'profiles', PROFILE, 'basic.ini'), basicIni(canvas));
  const plugin = join(obs, 'plugins', 'obs-hipfx');
  cpSync(module, join(plugin, 'bin', '64bit', 'obs-hipfx.so'));
  cpSync(data, join(plugin, 'data'), { recursive: true });

  return {
    path,
    environment: {
      HOME: path,
      XDG_CONFIG_HOME: config,
      XDG_CACHE_HOME: join(path, '.cache'),
      XDG_DATA_HOME: join(path, '.local', 'share'),
      XDG_RUNTIME_DIR: runtime,
      /* Sockets that are not there, so that the tester's own desktop and sound stay out of it. */
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(runtime, 'no-bus')}`,
      PULSE_SERVER: `unix:${join(runtime, 'no-pulse')}`,
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
