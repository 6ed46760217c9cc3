namespace Lockstep.Cli.Commands;

/// <summary>Every command, once.</summary>
internal static class CommandTable
{
    /// <summary>In the order of the help.</summary>
    public static IReadOnlyList<CliCommand> All { get; } =
    [
        new TrainCommand(), new CoordinatorCommand(), new LaunchCommand(), new WorkerCommand(), new SweepCommand(), new LrFindCommand(),
        new BenchCommand(),
        new RunsCommand(), new BoardCommand(), new PredictCommand(), new EvaluateCommand(), new InspectCommand(), new MetricsCommand(),
        new ReportCommand(), new CompareCommand(),
        new VerifyCommand(), new DiffCommand(), new ReplayCommand(), new ChaosCommand(),
        new ExportCommand(), new ImportCommand(),
        new DataFetchCommand(), new DataInfoCommand(), new DataShowCommand(),
        new CertsInitCommand(), new CertsIssueCommand(),
        new HelpCommand(), new CompletionCommand(), new VersionCommand(),
    ];
}
