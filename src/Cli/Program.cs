using Lockstep.Cli;
using Lockstep.Cli.Commands;

return await LockstepCommand.RunAsync(args, CommandIo.OfProcess());
