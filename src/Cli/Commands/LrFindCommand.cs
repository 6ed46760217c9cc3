using System.Globalization;
using System.Text;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Sweeps;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>lr-find</c>: a learning-rate range test.</summary>
internal sealed class LrFindCommand : CliCommand
{
    private const int Rows = 24, Bar = 50;

    private static readonly RateTestOptions Defaults = new();

    private static readonly CliOption<double> From = Rate("--from", Defaults.From, "The first rate.");

    private static readonly CliOption<double> To =
        Rate("--to", Defaults.To, "The last rate; the test ends before it where the loss rises far.");

    private static readonly CliOption<int> Steps = new("--steps", ValueKind.Integer(10, 100_000))
    {
        Placeholder = "N", Default = "300", IsPerInvocation = true, IsCommandLineOnly = true, Elsewhere = ["--num-iter", "--iterations"],
        Help = "Steps from the first rate to the last.",
    };

    private static readonly CliOption<string> PictureFile = new("--out", ValueKind.FileOf("SVG", ".svg"))
    {
        Placeholder = "FILE.svg", IsPerInvocation = true, IsCommandLineOnly = true, Elsewhere = ["--output", "-o", "--plot"],
        Help = "Draw loss against rate into a picture.",
    };

    // They are what is tried, or have no meaning for a few steps.
    private static readonly ICliOption[] NotHere =
    [
        TrainingOptions.Epochs, TrainingOptions.Steps, OptimizerOptions.LearningRate, OptimizerOptions.LearningRateFor,
        OptimizerOptions.Schedule,
    ];

    public LrFindCommand()
        : base("lr-find", "Find a learning rate: a range test of a few hundred steps")
    {
        Take(OptionHeading.Model, SpecOptions.Model);
        Take(OptionHeading.Data, SpecOptions.Data);
        Take(OptionHeading.Training, [From, To, Steps, .. SpecOptions.Training.Except(NotHere)]);
        Take(OptionHeading.Output, PictureFile, OutputOptions.Json);
        Take(OptionHeading.Output, OutputOptions.Progress);
    }

    public override string Heading => CommandHeading.Train;

    public override string Details =>
        "Trains for a few hundred steps with a rate that grows exponentially from step to step, and shows the loss against the rate "
        + "(Smith, Cyclical learning rates for training neural networks, WACV 2017). Losses are smoothed. The suggestion is a tenth of the "
        + "rate at which the smoothed loss is least. Keeps nothing; equal options give equal results.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep lr-find", "for the network and the data that train would take"),
        ("lockstep lr-find --model lenet5 --optimizer adam --out rates.svg", "for another network and optimizer, with a picture"),
        ("lockstep lr-find --from 1e-4 --to 1 --steps 500", "a closer look"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        var problems = new Problems();
        Settings run = settings.OfRun(
            [.. SpecOptions.Model, .. SpecOptions.Data, .. SpecOptions.Training, .. SpecOptions.Stopping], [], io.Environment, problems);
        problems.ThrowIfAny();
        _ = OptimizerPlan.Build(run);
        var test = new RateTestOptions { From = settings.Get(From), To = settings.Get(To), Steps = settings.Get(Steps) };
        if (test.To <= test.From)
            throw new RequestException($"{To.Name} {Text(test.To)} is not above {From.Name} {Text(test.From)}; give a higher end.");
        RateTestResult result;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            using var signals = new ShutdownSignals(signal => display.Warn($"{signal}: ending the test"));
            LoadedDataset loaded = await DatasetAccess.LoadAsync(name: null, run, io, display, signals.Stop);
            ModelSpec model = ModelPlan.Build(run, loaded.Data);
            TrainerOptions options = TrainingPlan.OptionsOf(run, loaded.Data);
            display.Working(
                $"{loaded.Data.Name}, {model}: {Format.Plural(test.Steps, "step")} from rate {Text(test.From)} to {Text(test.To)}");
            try
            {
                result = OptionNames.Translate(() => RateTest.Run(model, loaded.Data, options, test, signals.Stop));
            }
            catch (OperationCanceledException)
            {
                display.Say("The test was ended before it was done.");
                return ExitCode.Done;
            }
        }

        if (result.Steps.Count == 0)
        {
            throw new RequestException(
                $"The loss is not finite at the first rate already; give a lower one than {From.Name} {Text(test.From)}.");
        }

        if (settings.Find(PictureFile) is { } file)
            WholeFile.Write(file, Encoding.UTF8.GetBytes(RatePicture.Draw(result)), "picture");
        string? command = result.Suggested is { } rate ? TrainCommandWith(settings, rate) : null;
        if (settings.Get(OutputOptions.Json))
        {
            var json = new RateTestJson(
                result.Suggested, result.Lowest.Rate, result.Lowest.SmoothedLoss, result.IsEnded, command, result.Steps);
            JsonOutput.Write(io.Out, json, ResultsContext.Default.RateTestJson);
        }
        else
        {
            WriteText(io.Out, result, command);
        }

        return ExitCode.Done;
    }

    private static void WriteText(TextWriter writer, RateTestResult result, string? command)
    {
        RateTestStep[] shown = [.. Enumerable.Range(0, Math.Min(Rows, result.Steps.Count))
            .Select(row => result.Steps[(int)((row + 1L) * result.Steps.Count / Math.Min(Rows, result.Steps.Count)) - 1])];
        RateTestStep lowest = result.Lowest;
        double highest = Math.Max(result.Steps[0].SmoothedLoss, lowest.SmoothedLoss) * 1.25;
        TextTable.Write(
            writer, ["rate", "loss", ""],
            [.. shown.Select(step => (IReadOnlyList<string>)[
                step.Rate.ToString("0.0E+0", CultureInfo.InvariantCulture), Format.Loss(step.SmoothedLoss),
                new string('#', (int)Math.Round(Bar * Math.Min(1, step.SmoothedLoss / highest))).PadRight(Bar)])],
            firstNumber: 1);
        writer.WriteLine();
        if (command is null)
        {
            writer.WriteLine(
                $"The loss never fell. Try rates below {Text(result.Steps[0].Rate)} with {From.Name}, or look at the data and the model.");
            return;
        }

        TextTable.WritePairs(writer,
        [
            ("least loss",
                $"{Format.Loss(lowest.SmoothedLoss)}, smoothed, at rate {lowest.Rate.ToString("G2", CultureInfo.InvariantCulture)}"
                    + (lowest == result.Steps[^1] ? $"; it was still falling: try {To.Name} {Text(10 * lowest.Rate)}" : "")),
            ("suggestion", $"{Text(result.Suggested!.Value)}, a tenth of that"),
            ("train with it", command),
        ]);
    }

    /// <summary>The options that were given, for a training with the rate.</summary>
    private static string TrainCommandWith(Settings settings, double rate) => "lockstep train"
        + string.Concat(SpecOptions.Model.Concat(SpecOptions.Data).Concat(SpecOptions.Training.Except(NotHere))
            .Select(settings.GivenNow).OfType<Setting>().Where(given => given.Source == SettingSource.CommandLine)
            .Select(given => given.Value is bool flag
                ? flag ? $" {given.Option.Name}" : $" {given.Option.Name} false"
                : $" {given.Option.Name} {ShellWord.Of(given.Text)}"))
        + $" {OptimizerOptions.LearningRate.Name} {Text(rate)}";

    private static CliOption<double> Rate(string name, double rate, string help) => new(name, ValueKind.Real(Ranges.LearningRate))
    {
        Placeholder = "RATE", Default = Text(rate), IsPerInvocation = true, IsCommandLineOnly = true, Help = help,
    };

    private static string Text(double rate) => rate.ToString("R", CultureInfo.InvariantCulture);
}
