using Lockstep.Cli.Commands;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Wording;

namespace Lockstep.Cli.Tests.Commands;

public class LockstepCommandTests
{
    [Fact]
    public async Task Run_NoArguments_PrintsEveryCommand()
    {
        CommandRun run = await CommandRun.RunAsync([]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.All(CommandTable.All, command => Assert.Contains($"  {command.FullName}{command.ArgumentUsage}", run.Out));
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Run_HelpOfEveryCommand_HasItsOptionsAndExamples()
    {
        foreach (CliCommand command in CommandTable.All)
        {
            CommandRun run = await CommandRun.RunAsync(["help", .. command.FullName.Split(' ')]);

            Assert.Equal(ExitCode.Done, run.ExitCode);
            Assert.All(command.CliOptions, entry => Assert.Contains($"  {entry.Option.Name}", run.Out));
            Assert.All(command.Examples, example => Assert.Contains(example.Line, run.Out));
            Assert.All(run.Out.Split('\n').TakeWhile(line => line != "Examples:"), line => Assert.True(line.Length <= 100, line));
        }
    }

    [Fact]
    public void Run_EveryExample_IsACommandLineThatParses()
    {
        foreach ((string line, _) in CommandTable.All.SelectMany(command => command.Examples))
        {
            var problems = new Problems();
            _ = CommandLine.Parse(line.Split(' ')[1..], problems);

            Assert.Empty(problems.Messages);
        }
    }

    [Fact]
    public async Task Run_Version_IsOneLine()
    {
        CommandRun run = await CommandRun.RunAsync(["--version"]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Matches(@"^lockstep \d+\.\d+\.\d+\S*( \([0-9a-f]{12}\))?\r?\n$", run.Out);
    }

    [Theory]
    [InlineData("trian", "did you mean 'train'?")]
    [InlineData("data fech", "did you mean 'data fetch'?")]
    [InlineData("--workers 3", "as in 'lockstep train --workers'")]
    [InlineData("train --wrokers 3", "--wrokers is not an option of train; did you mean --workers?")]
    [InlineData("train --worker=3", "did you mean --workers?")]
    [InlineData("train --listen 127.0.0.1:1", "--listen is not an option of train, but of coordinator and launch.")]
    [InlineData("launch", "--hosts is missing")]
    [InlineData("launch --hosts a,-oProxyCommand=x", "'-oProxyCommand=x' is not a host")]
    [InlineData("launch --hosts a,b,a", "'a' is there twice")]
    [InlineData("launch --hosts a,,b", "a name is missing beside a comma")]
    [InlineData("launch --hosts a;b", "'a;b' is not a host")]
    [InlineData("launch --hosts a,b --min-workers 3", "--hosts names 2")]
    [InlineData("launch --hosts a --secret-file x", "--secret-file is not an option of launch")]
    [InlineData("launch --hosts 127.0.0.1", "dotnet publish src/Cli -c Release -r linux-x64 -o lockstep")]
    [InlineData("export x --to pt", "PyTorch loads safetensors and npz, with --names torch as a state_dict; expected one of")]
    [InlineData("train --dropout 0.1", "--dropout is not an option of train. --keep-prob says which share dropout keeps")]
    [InlineData("train --hidden_size=100", "--model in-100-out has one hidden layer of 100")]
    [InlineData("train --gpu 0", "--gpu is not an option of train. Lockstep computes on processors only")]
    [InlineData("train --wandb", "--wandb is not an option of train. The curves of a run are in metrics.jsonl")]
    [InlineData("worker --rank=1", "--rank is not an option of worker. Workers find their coordinator by the --join")]
    [InlineData("train --lr 3", "--lr is not an option of train; did you mean --learning-rate?")]
    [InlineData("train --batch_size 64", "--batch_size is not an option of train; did you mean --batch-size?")]
    [InlineData("train --Keep_Prob=0.9", "--Keep_Prob is not an option of train; did you mean --keep-prob?")]
    [InlineData("data info --split_key 2", "--split_key is not an option of data info; did you mean --split-key?")]
    [InlineData("predict run mnist", "'mnist' is not expected here; did you mean --dataset mnist?")]
    [InlineData("train --data x", "did you mean --data-dir?")]
    [InlineData("certs init --out x", "--out is not an option of certs init; did you mean --tls-dir?")]
    [InlineData("train --optimizer adamw --momentum 0.5 --dataset synthetic", "--momentum means nothing to --optimizer adamw")]
    [InlineData("train --optimizer adamw --nesterov --dataset synthetic", "--nesterov means nothing to --optimizer adamw")]
    [InlineData("train --optimizer adam --weight-decay 0.1 --dataset synthetic", "--weight-decay means nothing to --optimizer adam")]
    [InlineData("train --nesterov --momentum 0 --dataset synthetic", "Nesterov momentum with momentum 0; expected a momentum above 0.")]
    [InlineData("train --clip-norm 0", "--clip-norm 0: out of range; expected a number above 0")]
    [InlineData("train --clip-norm nan", "--clip-norm nan: not a number")]
    [InlineData("train --max-grad-norm 1", "did you mean --clip-norm?")]
    [InlineData("train --label-smoothing 1", "--label-smoothing 1: out of range; expected a number from 0 to below 1")]
    [InlineData("train --class-weights 1,x", "'x' is not a number from 0 to 1,000,000; expected balanced, or")]
    [InlineData("train --class-weights 1,-1", "'-1' is not a number from 0")]
    [InlineData("train --class-weights balance", "'balance' is not a number")]
    [InlineData("train --class-weights 1,2 --dataset synthetic", "2 class weights for the 10 outputs of the model; expected one for each.")]
    [InlineData("train --class-weights 0,0,0,0,0,0,0,0,0,0 --dataset synthetic", "Class weights that are all 0; expected one above 0.")]
    [InlineData("train --model none.json", "the file cannot be read: there is no such file.")]
    [InlineData("help trian", "did you mean 'train'?")]
    [InlineData("completion csh", "expected one of bash, zsh, fish, powershell")]
    [InlineData("runs /nonexistent", "/nonexistent does not exist")]
    [InlineData("compare a", "Another RUN is missing")]
    [InlineData("train now", "'now' is not expected here; the usage is")]
    [InlineData("train mnist", "'mnist' is not expected here; did you mean --dataset mnist?")]
    [InlineData("train -- -x", "'-x' is not expected here; the usage is")]
    [InlineData("inspect -- -run", "-run")]
    [InlineData("train --verbose 2", "--verbose 2: --verbose is given alone; only true or false may follow it.")]
    [InlineData("train -b 64", "-b is not an option of train; did you mean --batch-size?")]
    [InlineData("train -e 5", "-e is not an option of train; did you mean --epochs?")]
    [InlineData("train -lr 0.1", "-lr is not an option of train; did you mean --learning-rate?")]
    [InlineData("train --world-size 2", "--world-size is not an option of train; did you mean --workers?")]
    [InlineData("coordinator --world-size 2", "--world-size is not an option of coordinator; did you mean --min-workers?")]
    [InlineData("train --port 4053", "--port is not an option of train; did you mean --listen of coordinator and launch?")]
    [InlineData("train --validation-split 0.2", "did you mean --validation?")]
    [InlineData("train --dataset mnist --validation 0.2", "--validation 0.2 has no effect: mnist has examples for validation (the last")]
    [InlineData("data info synthetic --label x --scale none", "--label x, --scale none have no effect: synthetic has examples")]
    [InlineData("train --dataset synthetic --data-dir /tmp", "--data-dir /tmp has no effect: the synthetic digits are built in.")]
    [InlineData("train --dataset synthetic --allow-missing --map a=b", "--map 'a=b', --allow-missing true have no effect: no checkpoint")]
    [InlineData("train --dataset /tmp --data-dir /tmp", "--data-dir /tmp has no effect: /tmp is read where it is")]
    [InlineData("train --out", "--out needs a value")]
    [InlineData("train --out --json", "--out needs a value, but is followed by --json")]
    [InlineData("train --seed 1 --seed 2", "--seed is given 2 times")]
    [InlineData("train @options", "'@options' is not expected here")]
    [InlineData("evaluate", "CHECKPOINT is missing")]
    [InlineData("evaluate --splitt test", "did you mean --split?")]
    [InlineData("evaluate /nonexistent/run", "/nonexistent/run")]
    [InlineData("inspect /nonexistent/run --json", "/nonexistent/run")]
    [InlineData("worker", "--join is missing")]
    [InlineData("worker --join here", "--join here: without a port")]
    [InlineData("coordinator --listen 0.0.0.0:4053", "--listen 0.0.0.0:4053 stands for every address")]
    [InlineData("coordinator --listen 0.0.0.0:4053 --advertise 0.0.0.0:4053", "--advertise 0.0.0.0:4053 stands for every address")]
    [InlineData("coordinator --advertise 127.0.0.1:4053", "--listen 127.0.0.1:0 takes a free one")]
    [InlineData("coordinator --advertise 127.0.0.1:65535", "expected an address with a port from 1 to 65534")]
    [InlineData("coordinator --peers a:4053,b:4054,a:4054 --out r", "a:4053 takes the port 4054 of a:4054, too, for tensors. Leave one free")]
    [InlineData("data info mnits", "did you mean mnist?")]
    [InlineData("data fetch", "NAME is missing")]
    [InlineData("train --dataset mnist --data-dir /nonexistent", "/nonexistent")]
    [InlineData("train --resume /nonexistent", "/nonexistent")]
    public async Task Run_Mistake_IsExplainedInOneParagraph(string line, string expected)
    {
        CommandRun run = await CommandRun.RunAsync(line.Split(' '));

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.Empty(run.Out);
    }

    /// <summary>What the scripts of 'lockstep completion' ask.</summary>
    [Theory]
    [InlineData("lockstep tr", "train")]
    [InlineData("lockstep train --learn", "--learning-rate")]
    [InlineData("lockstep train --optimizer ", "adamw")]
    [InlineData("lockstep help da", "data")]
    public async Task Run_AskedForCompletions_PrintsThem(string line, string expected)
    {
        CommandRun run = await CommandRun.RunAsync([$"[suggest:{line.Length}]", line]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains(expected, run.Out.Split('\n', StringSplitOptions.TrimEntries));
    }

    [Fact]
    public async Task Run_ManyMistakes_AreReportedTogether()
    {
        CommandRun run = await CommandRun.RunAsync(
            ["train", "--keep-prob", "0", "--batch-size", "0", "--epoch", "3", "--model", "784-x", "--workers", "two"],
            ("LOCKSTEP__SEEED", "1"));

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("6 mistakes, nothing was started", run.Error);
        Assert.All(
            ["--keep-prob 0", "--batch-size 0", "--epochs?", "784-x", "--workers two", "LOCKSTEP__SEED?"],
            part => Assert.Contains(part, run.Error));
    }

    [Fact]
    public void OptionsElsewhere_AreNoOptionsHere()
    {
        ICliOption[] options = [.. CommandTable.All.SelectMany(command => command.CliOptions.Select(entry => entry.Option)).Distinct()];

        Assert.Empty(OptionsElsewhere.Names.Intersect(options.SelectMany(option => option.Elsewhere.Append(option.Name))));
        Assert.Distinct(OptionsElsewhere.Names);
    }
}
