using System.Globalization;
using System.Text;
using Lockstep.Chaos.Pictures;
using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Processes;
using Lockstep.Chaos.Results;
using Lockstep.Chaos.Sessions;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Runs;
using Lockstep.Shared.Files;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>chaos</c>: trains while it breaks what it can, and compares the weights with those of the undisturbed run.</summary>
internal sealed class ChaosCommand : CliCommand
{
    private static readonly CliOption<string> Plan = new("--plan", ValueKind.Path)
    {
        Placeholder = "FILE.json", IsPerInvocation = true, IsCommandLineOnly = true,
        Help = "Which faults, and when: see docs/chaos.md. Instead of --seed, --minutes and --workers.",
    };

    private static readonly CliOption<ulong> Seed = new("--seed", ValueKind.Key)
    {
        Placeholder = "N", Default = "1", IsPerInvocation = true, IsCommandLineOnly = true,
        Help = "Draws the plan: the same seed, length and workers give the same faults at the same times.",
    };

    private static readonly CliOption<double> Minutes = new("--minutes", Kinds.Minutes)
    {
        Placeholder = "M", Default = "1", IsPerInvocation = true, IsCommandLineOnly = true,
        Elsewhere = ["--duration", "--length"],
        Help = "Length of the run under faults, from its first checkpoint on.",
    };

    private static readonly CliOption<int> Workers = new("--workers", ValueKind.Integer(1, 64))
    {
        Placeholder = "N", Default = "3", IsPerInvocation = true, IsCommandLineOnly = true,
        Help = "Worker processes at the start.",
    };

    private static readonly CliOption<string> Folder = new("--out", ValueKind.Path)
    {
        Placeholder = "DIR", IsPerInvocation = true, IsCommandLineOnly = true,
        DefaultNote = "chaos/<utc>-seed<N>",
        Elsewhere = ["--output", "-o"],
        Help = "Folder for plan, log, result, picture and the run; it must be empty or not there.",
    };

    private static readonly ICliOption[] Drawn = [Seed, Minutes, Workers];

    public ChaosCommand()
        : base("chaos", "Break a training in every way, and show that its weights stay the same")
    {
        Take("Chaos", Plan, Seed, Minutes);
        Take(OptionHeading.Model, ModelOptions.Model, ModelOptions.Initializer, ModelOptions.KeepProb);
        Take(OptionHeading.Data, SpecOptions.Data);
        Take(OptionHeading.Training, TrainingOptions.BatchSize, OptimizerOptions.LearningRate, TrainingOptions.Shards);
        Take(OptionHeading.Cluster, Workers, NetworkOptions.Lanes, NetworkOptions.WorkerTimeout);
        Take(OptionHeading.Run, RunFolderOptions.CheckpointEvery);
        Take(OptionHeading.Output, [Folder, OutputOptions.Json, .. OutputOptions.Progress]);
    }

    public override string Heading => CommandHeading.Proof;

    public override string Details =>
        "Trains with a coordinator and workers as processes of their own on this machine, and kills, pauses, cuts off, slows down and "
        + "restarts them while it goes on; workers join and leave, and the disk of checkpoints is full. Then trains as many steps "
        + "undisturbed in this process and compares the weights after every step. Prints how long each fault was felt, and draws a "
        + "timeline. The exit code is 0 only if all bytes are the same. Linux only.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep chaos", "a minute of faults, drawn from seed 1"),
        ("lockstep chaos --seed 7 --minutes 5 --workers 4", "other faults, more of them"),
        ("lockstep chaos --plan plan.json", "faults of your own, see docs/chaos.md"),
    ];

    // Room for the most faults that a plan may have.
    private const int MostPlanBytes = 2 << 20;

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        if (!OperatingSystem.IsLinux())
            throw new RequestException(
                "chaos needs Linux: it stops and continues processes by signals, and finds the owner of a connection in /proc.");
        ChaosPlan plan = MakePlan(settings);
        var folder = ChaosFolder.Create(settings.Find(Folder), plan, invocation.Started);
        ChaosResult result;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            using var log = new ChaosLog(folder.Log, display.Say);
            using var signals = new ShutdownSignals(signal => display.Warn($"{signal}: ending all processes; once more to end at once"));
            display.Say($"Lockstep {RunEnvironment.Version}, {Format.Plural(plan.Faults.Count, "fault")} for "
                + $"{Format.Plural(plan.Workers, "worker")} and {FaultyCluster.Coordinators} coordinators, folder {folder.Path}");
            ModelSpec model = ModelPlan.BuildWithoutData(settings)
                ?? ModelPlan.Build(settings, (await DatasetAccess.LoadAsync(name: null, settings, io, display, signals.Stop)).Data);
            long parameters = new ParameterLayout(model).Count;
            result = await new ChaosSession(OptionsOf(settings, plan, folder, parameters, io, display), log).RunAsync(signals.Stop);
        }

        JsonFile.Write(folder.Result, writer => ResultJson.Write(writer, result));
        WholeFile.Write(folder.Picture, Encoding.UTF8.GetBytes(TimelinePicture.Draw(result)), "timeline");
        if (settings.Get(OutputOptions.Json))
            JsonOutput.Write(io.Out, writer => ResultJson.Write(writer, result));
        else
            ChaosTable.Write(io.Out, result, folder.Picture);
        if (ExitCodeOf(result) != ExitCode.Done)
            io.Error.WriteLine($"lockstep chaos: {result.Verdict}");
        return ExitCodeOf(result);
    }

    /// <summary>The exit code for a result.</summary>
    public static int ExitCodeOf(ChaosResult result) => result.Outcome == ChaosResult.Same ? ExitCode.Done : ExitCode.RunFailed;

    private static ChaosOptions OptionsOf(
        Settings settings, ChaosPlan plan, ChaosFolder folder, long parameters, CommandIo io, RunDisplay display)
    {
        int lanes = settings.FindValue(NetworkOptions.Lanes) ?? Math.Max(1, Processors.Usable / plan.Workers);
        return new ChaosOptions
        {
            Plan = plan,
            Folder = folder,
            CoordinatorArguments = [.. PassedOn<CoordinatorCommand>(settings)],
            WorkerArguments =
                [NetworkOptions.Lanes.Name, lanes.ToString(CultureInfo.InvariantCulture), .. PassedOn<WorkerCommand>(settings)],
            BatchSize = settings.Get(TrainingOptions.BatchSize),
            Parameters = parameters,
            // The coordinator's own giving up comes first.
            Bound = TimeSpan.FromSeconds(settings.Get(NetworkOptions.WorkerTimeout) + 30),
            LoadData = async run => (await DatasetAccess.LoadAsync(run, settings, io, display)).Data,
            OnActivity = display.Working,
            // A terminal shows how far it is all the time.
            OnStep = io.ErrorIsTerminal ? step => display.Working($"step {Format.Count(step)}") : null,
        };
    }

    /// <summary>Options that were given and that a command of the cluster has too.</summary>
    internal static IEnumerable<string> PassedOn<TCommand>(Settings settings)
        where TCommand : CliCommand => CommandTable.All.OfType<TCommand>().Single().CliOptions.Select(entry => entry.Option)
        .Where(option => (!option.IsPerInvocation || DataOptions.Preparing.Contains(option)) && option != NetworkOptions.Lanes)
        .Select(settings.GivenNow).OfType<Setting>()
        .SelectMany(given => given.Value is bool flag ? flag ? new[] { given.Option.Name } : [] : [given.Option.Name, given.Text]);

    private static ChaosPlan MakePlan(Settings settings)
    {
        if (settings.Find(Plan) is not { } path)
            return PlanGenerator.Draw(settings.Get(Seed), settings.Get(Minutes) * 60, settings.Get(Workers));
        var problems = new Problems();
        foreach (ICliOption option in Drawn.Where(settings.IsGiven))
            problems.Add($"{option.Name} and {Plan.Name} are both given, but the plan says that. Leave one of them out.");
        problems.ThrowIfAny();
        try
        {
            return PlanJson.Read(BoundedFile.ReadAllBytes(path, MostPlanBytes), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{Plan.Name} {path} cannot be read: {BoundedFile.ReasonOf(path, e)}.", e);
        }
    }
}
