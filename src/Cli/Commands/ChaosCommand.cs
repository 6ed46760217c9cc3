using System.Globalization;
using System.Text;
using Lockstep.Chaos.Pictures;
using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Processes;
using Lockstep.Chaos.Results;
using Lockstep.Chaos.Sessions;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Images;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Model.Layers;
using Lockstep.Runs;
using Lockstep.Shared.Files;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>chaos</c>: trains while it breaks what it can, and compares the weights with those of the undisturbed run.</summary>
internal static class ChaosCommand
{
    // Room for the most faults that a plan may have.
    private const int MostPlanBytes = 2 << 20;

    public static async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        if (!OperatingSystem.IsLinux())
            throw new RequestException("chaos needs Linux: it stops and continues processes by signals, and finds whose a connection is in /proc.");
        ChaosPlan plan = MakePlan(settings);
        var folder = ChaosFolder.Create(settings.Find(OptionTable.ChaosFolder), plan, invocation.Started);
        ChaosResult result;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            using var log = new ChaosLog(folder.Log, display.Say);
            using var signals = new ShutdownSignals(signal => display.Warn($"{signal}: ending all processes; once more to end at once"));
            display.Say($"Lockstep {RunEnvironment.Version}, {Format.Plural(plan.Faults.Count, "fault")} for {Format.Plural(plan.Workers, "worker")} and {FaultyCluster.Coordinators} coordinators, folder {folder.Path}");
            result = await new ChaosSession(OptionsOf(settings, plan, folder, io, display), log).RunAsync(signals.Stop);
        }

        JsonFile.Write(folder.Result, writer => ResultJson.Write(writer, result));
        WholeFile.Write(folder.Picture, Encoding.UTF8.GetBytes(TimelinePicture.Draw(result)), "timeline");
        if (settings.Get(OptionTable.Json))
            JsonOutput.Write(io.Out, writer => ResultJson.Write(writer, result));
        else
            ChaosTable.Write(io.Out, result, folder.Picture);
        if (ExitCodeOf(result) != ExitCode.Done)
            io.Error.WriteLine($"lockstep chaos: {result.Verdict}");
        return ExitCodeOf(result);
    }

    /// <summary>The exit code for a result.</summary>
    public static int ExitCodeOf(ChaosResult result) => result.Outcome == ChaosResult.Same ? ExitCode.Done : ExitCode.RunFailed;

    private static ChaosOptions OptionsOf(Settings settings, ChaosPlan plan, ChaosFolder folder, CommandIo io, RunDisplay display)
    {
        long lanes = settings.Text(OptionTable.Lanes) is null ? Math.Max(1, Processors.Usable / plan.Workers) : settings.Get(OptionTable.Lanes);
        return new ChaosOptions
        {
            Plan = plan,
            Folder = folder,
            CoordinatorArguments = [.. PassedOn(settings, CommandSet.Coordinator)],
            WorkerArguments = [OptionTable.Lanes.Name, lanes.ToString(CultureInfo.InvariantCulture), .. PassedOn(settings, CommandSet.Worker)],
            BatchSize = settings.Get(OptionTable.BatchSize),
            Parameters = new ParameterLayout(ModelPlan.Build(settings)).Count,
            // The coordinator's own giving up comes first.
            Bound = TimeSpan.FromSeconds(settings.Get(OptionTable.WorkerTimeout) + 30),
            LoadData = async run => (await DatasetAccess.LoadAsync(run, settings, io, display)).Data,
            OnActivity = display.Working,
            // A terminal shows how far it is all the time.
            OnStep = io.ErrorIsTerminal ? step => display.Working($"step {Format.Count(step)}") : null,
        };
    }

    /// <summary>Options that were given and that a command of the cluster knows too.</summary>
    private static IEnumerable<string> PassedOn(Settings settings, CommandSet command) => OptionTable.Of(CommandSet.Chaos)
        .Where(option => (option.Commands & command) != 0 && !option.IsPerInvocation && settings.IsGiven(option) && option != OptionTable.Lanes)
        .SelectMany(option => option.IsFlag ? settings.Text(option) == "true" ? new[] { option.Name } : [] : [option.Name, settings.Text(option)!]);

    private static ChaosPlan MakePlan(Settings settings)
    {
        if (settings.Find(OptionTable.Plan) is not { } path)
            return PlanGenerator.Draw(settings.Get(OptionTable.ChaosSeed), settings.Get(OptionTable.Minutes) * 60, (int)settings.Get(OptionTable.ChaosWorkers));
        var problems = new Problems();
        foreach (OptionDescriptor option in new OptionDescriptor[] { OptionTable.ChaosSeed, OptionTable.Minutes, OptionTable.ChaosWorkers }.Where(settings.IsGiven))
            problems.Add($"{option.Name} and {OptionTable.Plan.Name} are both given, but the plan says that. Leave one of them out.");
        problems.ThrowIfAny();
        try
        {
            return PlanJson.Read(BoundedFile.ReadAllBytes(path, MostPlanBytes), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string reason = Directory.Exists(path) ? "it is a folder" : File.Exists(path) ? e.Message.TrimEnd('.') : "there is no such file";
            throw new RequestException($"{OptionTable.Plan.Name} {path} cannot be read: {reason}.", e);
        }
    }
}
