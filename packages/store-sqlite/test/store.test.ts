import { memoryStore } from '@algo/core/store';
import { sqlite } from '@algo/store-sqlite';
import { expectStore } from './store-expectations.js';
import { temporaryPath } from './temporary-folder.js';

expectStore('memoryStore', memoryStore);
expectStore('sqlite', () => sqlite({ path: temporaryPath() }));
expectStore('sqlite at normal durability', () => sqlite({ path: temporaryPath(), durability: 'normal' }));
