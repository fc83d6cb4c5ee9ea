#!/usr/bin/env node
import { guardOutput, main } from '../dist/index.js';

guardOutput();
process.exitCode = await main(process.argv.slice(2));
