process.stdout.write('ccos 0.1.0\n');
