using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Configuration;

/// <summary>
/// Every option of every command, once. The command line, the keys of a JSON file, the environment, validation, help and
/// the defaults are all read off these rows.
/// </summary>
internal static class OptionTable
{
    public static readonly OptionDescriptor<string> Plan = new("--plan", ValueKind.Path)
    {
        Group = OptionGroup.Chaos, Commands = CommandSet.Chaos, Placeholder = "FILE.json", IsPerInvocation = true,
        Help = "Which faults, and when: see docs/chaos.md. Instead of --seed, --minutes and --workers.",
    };

    public static readonly OptionDescriptor<ulong> ChaosSeed = new("--seed", ValueKind.Key)
    {
        Group = OptionGroup.Chaos, Commands = CommandSet.Chaos, Placeholder = "N", Default = "1", IsPerInvocation = true,
        Help = "Draws the plan: the same seed, length and workers give the same faults at the same times.",
    };

    public static readonly OptionDescriptor<double> Minutes = new("--minutes", Kinds.Minutes)
    {
        Group = OptionGroup.Chaos, Commands = CommandSet.Chaos, Placeholder = "M", Default = "1", IsPerInvocation = true,
        Help = "Length of the run under faults, from its first checkpoint on.",
    };

    public static readonly OptionDescriptor<string> ChaosFolder = new("--out", ValueKind.Path)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Chaos, Placeholder = "DIR", IsPerInvocation = true,
        DefaultNote = "chaos/<utc>-seed<N>",
        Help = "Folder for plan, log, result, picture and the run; it must be empty or not there.",
    };

    public static readonly OptionDescriptor<string> Model = new("--model", Kinds.Model)
    {
        Group = OptionGroup.Model, Commands = CommandSet.Spec | CommandSet.Chaos, Placeholder = "WIDTHS|FILE", Default = "784-256-10",
        Help = "Network; hidden layers are ReLU, the last is linear. 'logistic' is 784-10. A file says more: see docs/models.md.",
    };

    public static readonly OptionDescriptor<string> Initializer = new("--initializer", Kinds.Initializer)
    {
        Group = OptionGroup.Model, Commands = CommandSet.Spec | CommandSet.Chaos, Placeholder = "NAME", Default = Kinds.AutomaticInitializer,
        Help = "Initial weights; auto is he for ReLU layers and xavier for all others.",
    };

    public static readonly OptionDescriptor<double> KeepProb = new("--keep-prob", Kinds.Probability)
    {
        Group = OptionGroup.Model, Commands = CommandSet.Spec | CommandSet.Chaos, Placeholder = "P", Default = "0.8",
        Help = "Probability that dropout keeps a hidden unit in training; 1 is no dropout.",
    };

    public static readonly OptionDescriptor<NameGlobs> Freeze = new("--freeze", Kinds.Globs)
    {
        Group = OptionGroup.Model, Commands = CommandSet.Spec, Placeholder = "NAMES",
        Help = "Parameters that training leaves as they are; they cost neither gradient nor traffic.",
    };

    public static readonly OptionDescriptor<string> InitFrom = new("--init-from", ValueKind.Path)
    {
        Group = OptionGroup.Restore, Commands = CommandSet.Training, Placeholder = "CHECKPOINT",
        Help = "Begin with the parameters of a checkpoint or run folder, matched by name; the optimizer begins anew.",
    };

    public static readonly OptionDescriptor<string> BeganWith = new("--init-from", ValueKind.Path)
    {
        Group = OptionGroup.Restore, Commands = CommandSet.Replaying, Placeholder = "CHECKPOINT", IsPerInvocation = true,
        DefaultNote = "where the run had them from",
        Help = "Where the parameters are that a fine-tuned run began with.",
    };

    public static readonly OptionDescriptor<NameGlobs> Include = new("--include", Kinds.Globs)
    {
        Group = OptionGroup.Restore, Commands = CommandSet.Training | CommandSet.Restore, Placeholder = "NAMES",
        DefaultNote = "all",
        Help = "Restore only these parameters of the model.",
    };

    public static readonly OptionDescriptor<NameGlobs> Exclude = new("--exclude", Kinds.Globs)
    {
        Group = OptionGroup.Restore, Commands = CommandSet.Training | CommandSet.Restore, Placeholder = "NAMES",
        DefaultNote = "none",
        Help = "Do not restore these.",
    };

    public static readonly OptionDescriptor<NameMap> Map = new("--map", Kinds.Map)
    {
        Group = OptionGroup.Restore, Commands = CommandSet.Training | CommandSet.Restore | CommandSet.Exchange, Placeholder = "THEIRS=OURS",
        Help = "Parameters whose name in the file is another one than in the model.",
    };

    public static readonly OptionDescriptor<bool> AllowMissing = new("--allow-missing", ValueKind.Flag)
    {
        Group = OptionGroup.Restore, Commands = CommandSet.Training | CommandSet.Restore, Default = "false",
        Help = "Initialise parameters that the file does not have, instead of refusing.",
    };

    public static readonly OptionDescriptor<bool> AllowUnused = new("--allow-unused", ValueKind.Flag)
    {
        Group = OptionGroup.Restore, Commands = CommandSet.Training | CommandSet.Restore, Default = "false",
        Help = "Leave in the file what the model does not have, instead of refusing.",
    };

    public static readonly OptionDescriptor<bool> AllowShapeMismatch = new("--allow-shape-mismatch", ValueKind.Flag)
    {
        Group = OptionGroup.Restore, Commands = CommandSet.Training | CommandSet.Restore, Default = "false",
        Help = "Initialise parameters that have another shape in the file, instead of refusing.",
    };

    public static readonly OptionDescriptor<bool> DryRun = new("--dry-run", ValueKind.Flag)
    {
        Group = OptionGroup.Restore, Commands = CommandSet.Restore, Default = "false", IsPerInvocation = true,
        Help = "Only print what would become of every parameter.",
    };

    public static readonly OptionDescriptor<string> To = new("--to", Kinds.Format)
    {
        Group = OptionGroup.Exchange, Commands = CommandSet.Export, Placeholder = "FORMAT",
        DefaultNote = "what the name of the file says",
        Help = "Format to write.",
    };

    public static readonly OptionDescriptor<string> Layout = new("--layout", Kinds.Layout)
    {
        Group = OptionGroup.Exchange, Commands = CommandSet.Exchange, Placeholder = "LAYOUT",
        DefaultNote = "tf, but torch along with --names torch",
        Help = "Which way weight matrices lie in the file. tf is [in, out], torch is [out, in].",
    };

    public static readonly OptionDescriptor<string> Names = new("--names", Kinds.Names)
    {
        Group = OptionGroup.Exchange, Commands = CommandSet.Exchange, Placeholder = "WHOSE", Default = Kinds.OwnNames,
        Help = "Whose names the file has. torch is 0.weight, 0.bias and so on, as in torch.nn.Sequential.",
    };

    public static readonly OptionDescriptor<string> Dataset = new("--dataset", Kinds.Dataset)
    {
        Group = OptionGroup.Data, Commands = CommandSet.Spec | CommandSet.Chaos | CommandSet.Evaluate | CommandSet.Predict, Placeholder = "NAME",
        DefaultNote = "mnist where it can be had, else synthetic; of a checkpoint, the one it was trained on",
        Help = "Data set. The synthetic digits are built in.",
    };

    public static readonly OptionDescriptor<string> DataDir = new("--data-dir", ValueKind.Path)
    {
        Group = OptionGroup.Data, Commands = CommandSet.Data | CommandSet.Report, Placeholder = "DIR", PlainVariable = "LOCKSTEP_DATA_DIR",
        DefaultNote = "the user's cache, then a download",
        Help = "Folder with the four IDX files of the data set, packed (.gz) or not.",
    };

    public static readonly OptionDescriptor<bool> Offline = new("--offline", ValueKind.Flag)
    {
        Group = OptionGroup.Data, Commands = CommandSet.Data, Default = "false", PlainVariable = "LOCKSTEP_OFFLINE",
        Help = "Never touch the network for data.",
    };

    public static readonly OptionDescriptor<string> Split = new("--split", Kinds.Split)
    {
        Group = OptionGroup.Data, Commands = CommandSet.Evaluate | CommandSet.Predict | CommandSet.DataShow, Placeholder = "PART", Default = "test",
        Help = "Which images.",
    };

    public static readonly OptionDescriptor<long> Count = new("--count", ValueKind.Integer(1, 500))
    {
        Group = OptionGroup.Data, Commands = CommandSet.DataShow, Placeholder = "N", Default = "20",
        Help = "How many images of each class, from the first on.",
    };

    public static readonly OptionDescriptor<long> TrainExamples = new("--train-examples", ValueKind.Integer(Ranges.TrainingExamples))
    {
        Group = OptionGroup.Data, Commands = CommandSet.Spec | CommandSet.Chaos, Placeholder = "N",
        DefaultNote = "all",
        Help = "Train on the first N training images only.",
    };

    public static readonly OptionDescriptor<IReadOnlyList<string>> Images = new("--image", ValueKind.ListOf(ValueKind.Path))
    {
        Group = OptionGroup.Data, Commands = CommandSet.Predict, Placeholder = "FILE.png...", IsPerInvocation = true,
        Help = "Pictures to look at, of any size, colour and background. Can be given several times.",
    };

    public static readonly OptionDescriptor<IReadOnlyList<long>> Indices = new("--index", Kinds.Indices)
    {
        Group = OptionGroup.Data, Commands = CommandSet.Predict, Placeholder = "N[,N...]", IsPerInvocation = true,
        Help = "Images of the data set to look at. Can be given several times.",
    };

    public static readonly OptionDescriptor<bool> AsIs = new("--as-is", ValueKind.Flag)
    {
        Group = OptionGroup.Data, Commands = CommandSet.Predict, Default = "false", IsPerInvocation = true,
        Help = "Take the pictures as they are: 28 x 28 pixels, light on black, neither cut nor scaled nor moved.",
    };

    public static readonly OptionDescriptor<long> BatchSize = new("--batch-size", ValueKind.Integer(Ranges.BatchSize))
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec | CommandSet.Chaos, Placeholder = "N", Default = "128",
        Help = "Examples per step, over all workers together.",
    };

    public static readonly OptionDescriptor<long> Epochs = new("--epochs", ValueKind.Integer(1, 100_000))
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "N", Default = "12",
        Help = "Length of the run in passes over the training images.",
    };

    public static readonly OptionDescriptor<long> Steps = new("--steps", ValueKind.Integer(Ranges.TotalSteps))
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "N",
        DefaultNote = "as many as --epochs takes",
        Help = "Length of the run in steps, instead of --epochs.",
    };

    public static readonly OptionDescriptor<double> LearningRate = new("--learning-rate", Kinds.LearningRate)
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec | CommandSet.Chaos, Placeholder = "RATE", Default = "0.1",
        Help = "Step size of gradient descent, before the schedule.",
    };

    public static readonly OptionDescriptor<LearningRateSchedule> Schedule = new("--lr-schedule", Kinds.Schedule)
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "SHAPE", Default = "constant",
        Help = "How the learning rate moves over the run.",
    };

    public static readonly OptionDescriptor<ParameterRates> LearningRateFor = new("--learning-rate-for", Kinds.Rates)
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "NAMES=RATE",
        Help = "Learning rates of their own for some parameters; the schedule applies to them too.",
    };

    public static readonly OptionDescriptor<string> Optimizer = new("--optimizer", Kinds.Optimizer)
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "NAME", Default = SgdSpec.Kind,
        Help = "Gradient descent with momentum, or Adam with decoupled weight decay, whose learning rate is 0.001 unless given.",
    };

    public static readonly OptionDescriptor<double> Beta1 = new("--beta1", Kinds.Momentum)
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "X", Default = "0.9",
        Help = "With adamw: share of the mean of gradients that remains at a step.",
    };

    public static readonly OptionDescriptor<double> Beta2 = new("--beta2", Kinds.Momentum)
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "X", Default = "0.999",
        Help = "With adamw: share of the mean of their squares that remains at a step.",
    };

    public static readonly OptionDescriptor<double> Epsilon = new("--epsilon", Kinds.Epsilon)
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "X", Default = "1e-8",
        Help = "With adamw: added to the root of the mean of squares.",
    };

    public static readonly OptionDescriptor<double> WeightDecay = new("--weight-decay", Kinds.L2)
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "X", Default = "0.01",
        Help = "With adamw: share of the weights, times the learning rate, that is taken away at a step; biases are free.",
    };

    public static readonly OptionDescriptor<double> Momentum = new("--momentum", Kinds.Momentum)
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "M", Default = "0.9",
        Help = "With sgd: share of the previous update that is carried on; 0 is plain gradient descent.",
    };

    public static readonly OptionDescriptor<double> L2 = new("--l2", Kinds.L2)
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "X", Default = "0",
        Help = "Weight of the penalty on the squares of the weights; biases are free.",
    };

    public static readonly OptionDescriptor<ulong> Seed = new("--seed", ValueKind.Key)
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec, Placeholder = "N", Default = "1",
        Help = "Key of all random numbers: initial weights, order of examples, dropout.",
    };

    public static readonly OptionDescriptor<long> Shards = new("--shards", ValueKind.Integer(Ranges.Shards))
    {
        Group = OptionGroup.Training, Commands = CommandSet.Spec | CommandSet.Chaos, Placeholder = "N", Default = "8",
        Help = "Fixed slices of a batch. Part of the run, unlike the workers they are dealt to; more workers than shards stand by.",
    };

    public static readonly OptionDescriptor<long> Workers = new("--workers", ValueKind.Integer(1, 256))
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Train, Placeholder = "N", Default = "2",
        Help = "Worker processes to start on this machine. The trained weights do not depend on it.",
    };

    public static readonly OptionDescriptor<SshHosts> Hosts = new("--hosts", Kinds.Hosts)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Launch, Placeholder = "[USER@]HOST,...",
        Help = "Where to start workers, one on each. Required.",
    };

    public static readonly OptionDescriptor<string> Ssh = new("--ssh", ValueKind.Path)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Launch, Placeholder = "COMMAND", Default = "ssh", IsPerInvocation = true, NamesProgram = true,
        Help = "How ssh is called, such as 'ssh -p 2222 -i key'. It must not ask for anything.",
    };

    public static readonly OptionDescriptor<string> RemoteProgram = new("--remote-program", ValueKind.Path)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Launch, Placeholder = "PATH", IsPerInvocation = true, NamesProgram = true,
        DefaultNote = "this program, copied to a temporary folder there",
        Help = "The program on the hosts, of the same version, where it is installed already.",
    };

    public static readonly OptionDescriptor<long> ReplayWorkers = new("--workers", ValueKind.Integer(1, 256))
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Replaying, Placeholder = "N", IsPerInvocation = true,
        DefaultNote = "as many as there are processors",
        Help = "Workers to train again with, as threads of this process. The result does not depend on it.",
    };

    public static readonly OptionDescriptor<long> ChaosWorkers = new("--workers", ValueKind.Integer(1, 64))
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Chaos, Placeholder = "N", Default = "3", IsPerInvocation = true,
        Help = "Worker processes at the start.",
    };

    public static readonly OptionDescriptor<long> Lanes = new("--lanes", ValueKind.Integer(1, 256))
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Train | CommandSet.Launch | CommandSet.Worker | CommandSet.Chaos, Placeholder = "N",
        DefaultNote = "the processors that the process may use, divided among the workers of this machine",
        Help = "Compute threads of each worker. The trained weights do not depend on it.",
    };

    public static readonly OptionDescriptor<HostPort> Listen = new("--listen", ValueKind.Endpoint)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Coordinator | CommandSet.Launch, Placeholder = "HOST:PORT",
        DefaultNote = "a free port, of 127.0.0.1; of launch, of the address that faces the hosts",
        Help = "Where workers join. Port 0 takes a free one and prints it.",
    };

    public static readonly OptionDescriptor<HostPort> Advertise = new("--advertise", ValueKind.PublicEndpoint)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Coordinator | CommandSet.Launch, Placeholder = "HOST:PORT", DefaultNote = "that of --listen",
        Help = "Where workers reach --listen from outside: through a NAT, a proxy, a container's network. The port after it must lead to the one after --listen.",
    };

    public static readonly OptionDescriptor<string> SecretFile = new("--secret-file", ValueKind.Path)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Coordinator | CommandSet.Worker, Placeholder = "FILE", PlainVariable = "LOCKSTEP_SECRET_FILE",
        Help = "What the coordinator and its workers prove to each other that they know: 16 bytes or more that nobody can guess. This or --tls-dir is needed outside of 127.0.0.1.",
    };

    public static readonly OptionDescriptor<string> TlsFolder = new("--tls-dir", ValueKind.Path)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Coordinator | CommandSet.Worker, Placeholder = "DIR", PlainVariable = "LOCKSTEP_TLS_DIR",
        Help = "Encrypt everything (TLS 1.3), and take part only with who has a certificate of the same CA: folder with ca.crt, node.crt and node.key, from 'lockstep certs issue'.",
    };

    public static readonly OptionDescriptor<string> AuthorityFolder = new("--tls-dir", ValueKind.Path)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Certificates, Placeholder = "DIR", IsPerInvocation = true,
        Help = "Folder of the CA: ca.crt, and ca.key, which stays on this machine. Required.",
    };

    public static readonly OptionDescriptor<IReadOnlyList<string>> CertificateNames = new("--name", Kinds.CertificateNames)
    {
        Group = OptionGroup.Output, Commands = CommandSet.CertsIssue, Placeholder = "HOST[,HOST...]", IsPerInvocation = true,
        Help = "Names and addresses of the node. Workers join a coordinator by one of these; theirs are for people. Required.",
    };

    public static readonly OptionDescriptor<string> CertificateFolder = new("--out", ValueKind.Path)
    {
        Group = OptionGroup.Output, Commands = CommandSet.CertsIssue, Placeholder = "DIR", IsPerInvocation = true,
        Help = "Folder to write for the node; nothing in it is overwritten. Required.",
    };

    public static readonly OptionDescriptor<long> AuthorityDays = new("--days", Kinds.Days)
    {
        Group = OptionGroup.Output, Commands = CommandSet.CertsInit, Placeholder = "N", Default = "3650", IsPerInvocation = true,
        Help = "How long the CA is valid.",
    };

    public static readonly OptionDescriptor<long> CertificateDays = new("--days", Kinds.Days)
    {
        Group = OptionGroup.Output, Commands = CommandSet.CertsIssue, Placeholder = "N", Default = "365", IsPerInvocation = true,
        Help = "How long the certificate is valid; not longer than the CA.",
    };

    public static readonly OptionDescriptor<string> Transport = new("--transport", Kinds.Transport)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Training, Placeholder = "NAME", Default = Kinds.AutomaticTransport,
        Help = "How weights and gradients travel: auto, through shared memory to workers of this machine and user, else through the network; or stream, always through the network.",
    };

    public static readonly OptionDescriptor<long> MinWorkers = new("--min-workers", ValueKind.Integer(1, RunSpec.MaxShards))
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Coordinator | CommandSet.Launch, Placeholder = "N",
        DefaultNote = "1; of launch, as many as there are hosts that start one",
        Help = "Training starts when so many workers have joined. More may join later.",
    };

    public static readonly OptionDescriptor<string> Join = new("--join", Kinds.JoinAddress)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Worker, Placeholder = "HOST:PORT[,...]", IsPerInvocation = true,
        Help = "Address that the coordinator printed, or those of all its peers; any that runs is enough. Required.",
    };

    public static readonly OptionDescriptor<string> Peers = new("--peers", Kinds.PeerAddresses)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Coordinator, Placeholder = "HOST:PORT,...", IsPerInvocation = true,
        Help = "All coordinators of the run, this one among them, each started with the same list and options: one leads, and the others stand by to go on when it is gone. "
            + "With --out, a folder that holds the run already is gone on with.",
    };

    public static readonly OptionDescriptor<HostPort> Http = new("--http", ValueKind.Endpoint)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Training | CommandSet.Worker, Placeholder = "HOST:PORT", IsPerInvocation = true,
        DefaultNote = "nowhere",
        Help = "Serve /livez, /readyz and /metrics (for Prometheus) there, to everybody who reaches it. Port 0 takes a free one and prints it.",
    };

    public static readonly OptionDescriptor<double> WorkerTimeout = new("--worker-timeout", Kinds.Seconds)
    {
        Group = OptionGroup.Cluster, Commands = CommandSet.Training | CommandSet.Worker | CommandSet.Chaos, Placeholder = "SECONDS", Default = "60",
        Help = "How long the coordinator waits for workers, and a worker for its coordinator, before giving up.",
    };

    public static readonly OptionDescriptor<Cadence> EvaluateEvery = new("--eval-every", ValueKind.Cadence)
    {
        Group = OptionGroup.Run, Commands = CommandSet.Training, Placeholder = "N[UNIT]", Default = "1epoch",
        Help = "When to evaluate on the validation images and record metrics.",
    };

    public static readonly OptionDescriptor<Cadence> CheckpointEvery = new("--checkpoint-every", ValueKind.Cadence)
    {
        Group = OptionGroup.Run, Commands = CommandSet.Training | CommandSet.Chaos, Placeholder = "N[UNIT]", Default = "1epoch",
        Help = "When to save a checkpoint.",
    };

    public static readonly OptionDescriptor<long> KeepCheckpoints = new("--keep-checkpoints", ValueKind.Integer(1, 1_000_000))
    {
        Group = OptionGroup.Run, Commands = CommandSet.Training, Placeholder = "N", Default = "3",
        Help = "Newest checkpoints to keep.",
    };

    public static readonly OptionDescriptor<string> Out = new("--out", ValueKind.Path)
    {
        Group = OptionGroup.Run, Commands = CommandSet.Training, Placeholder = "DIR", IsPerInvocation = true,
        DefaultNote = "runs/<utc>-<id>",
        Help = "Folder of the run: configuration, metrics, checkpoints, log.",
    };

    public static readonly OptionDescriptor<string> CheckpointFile = new("--out", ValueKind.Path)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Restore | CommandSet.Import | CommandSet.Replay, Placeholder = "FILE.ckpt", IsPerInvocation = true,
        Help = "Where to write the checkpoint; the file must not exist.",
    };

    public static readonly OptionDescriptor<string> WeightsFile = new("--out", ValueKind.Path)
    {
        Group = OptionGroup.Exchange, Commands = CommandSet.Export, Placeholder = "FILE", IsPerInvocation = true,
        DefaultNote = "the name of the checkpoint, in this folder",
        Help = "File to write, or folder for CSV; it must not exist.",
    };

    public static readonly OptionDescriptor<IReadOnlyList<string>> With = new("--with", ValueKind.ListOf(ValueKind.Path))
    {
        Group = OptionGroup.Run, Commands = CommandSet.Compare, Placeholder = "RUN", IsPerInvocation = true,
        Help = "The other run folders, one or more; required.",
    };

    public static readonly OptionDescriptor<string> Other = new("--with", ValueKind.Path)
    {
        Group = OptionGroup.Run, Commands = CommandSet.Diff, Placeholder = "RUN", IsPerInvocation = true,
        Help = "The other run folder; required.",
    };

    public static readonly OptionDescriptor<long> UpTo = new("--to", ValueKind.Integer(0, RunSpec.MaxSteps))
    {
        Group = OptionGroup.Run, Commands = CommandSet.Replaying, Placeholder = "STEP", IsPerInvocation = true,
        Help = "Last step to train again; without it, verify goes as far as the run did.",
    };

    public static readonly OptionDescriptor<string> ComparisonFile = new("--out", ValueKind.Path)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Compare, Placeholder = "FILE.png", IsPerInvocation = true,
        Help = "Draw their validation accuracy into one picture.",
    };

    public static readonly OptionDescriptor<string> SheetFile = new("--out", ValueKind.Path)
    {
        Group = OptionGroup.Output, Commands = CommandSet.DataShow, Placeholder = "FILE.png", IsPerInvocation = true,
        DefaultNote = "<name>-<split>.png",
        Help = "Where to write the picture.",
    };

    public static readonly OptionDescriptor<string> ReportFile = new("--out", ValueKind.Path)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Report, Placeholder = "FILE.html", IsPerInvocation = true,
        DefaultNote = "report.html in the run folder",
        Help = "Where to write the report.",
    };

    public static readonly OptionDescriptor<string> ConfusionImage = new("--confusion-image", ValueKind.Path)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Evaluate, Placeholder = "FILE.png", IsPerInvocation = true,
        Help = "Draw the confusion matrix.",
    };

    public static readonly OptionDescriptor<string> MistakesImage = new("--mistakes-image", ValueKind.Path)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Evaluate, Placeholder = "FILE.png", IsPerInvocation = true,
        Help = "Draw the worst mistakes: each with what it is, what was said, and how sure.",
    };

    public static readonly OptionDescriptor<long> Mistakes = new("--mistakes", ValueKind.Integer(1, 1000))
    {
        Group = OptionGroup.Output, Commands = CommandSet.Evaluate, Placeholder = "N", Default = "40", IsPerInvocation = true,
        Help = "How many of the worst mistakes to draw, and to list with --json.",
    };

    public static readonly OptionDescriptor<string> WeightsImage = new("--weights-image", ValueKind.Path)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Inspect, Placeholder = "FILE.png", IsPerInvocation = true,
        Help = "Draw the weights of the first layer, one picture a unit: blue below zero, red above.",
    };

    public static readonly OptionDescriptor<string> HistogramsImage = new("--histograms-image", ValueKind.Path)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Inspect, Placeholder = "FILE.png", IsPerInvocation = true,
        Help = "Draw a histogram of every parameter.",
    };

    public static readonly OptionDescriptor<string> Resume = new("--resume", ValueKind.Path)
    {
        Group = OptionGroup.Run, Commands = CommandSet.Training, Placeholder = "PATH|auto", IsPerInvocation = true,
        Help = "Continue from a checkpoint, or from the newest one of a run folder. 'auto' takes the newest unfinished run in runs/, or with --out the run there: it begins it if nothing is saved, and if it is complete says so and exits with 0.",
    };

    public static readonly OptionDescriptor<string> Config = new("--config", ValueKind.Path)
    {
        Group = OptionGroup.Run, Commands = CommandSet.Training, Placeholder = "FILE.json", IsPerInvocation = true,
        Help = "Options from a JSON file, such as the config.json of an earlier run.",
    };

    public static readonly OptionDescriptor<bool> Quiet = new("--quiet", ValueKind.Flag)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Data | CommandSet.Worker | CommandSet.Report | CommandSet.Export, Default = "false", IsPerInvocation = true,
        Help = "No progress, only warnings, errors and the result.",
    };

    public static readonly OptionDescriptor<bool> Verbose = new("--verbose", ValueKind.Flag)
    {
        Group = OptionGroup.Output, Commands = CommandSet.All, Default = "false", IsPerInvocation = true,
        Help = "Log to standard error as well, with details; progress as plain lines.",
    };

    public static readonly OptionDescriptor<string> LogFormat = new("--log-format", Kinds.LogFormat)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Training | CommandSet.Worker, Placeholder = "FORMAT", Default = Kinds.TextLog, IsPerInvocation = true,
        Help = "Standard error for people, or one JSON object a line, with time, level, message, run, term, step and worker.",
    };

    public static readonly OptionDescriptor<bool> NoColor = new("--no-color", ValueKind.Flag)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Data | CommandSet.Report, Default = "false", IsPerInvocation = true,
        Help = "No colours. The variable NO_COLOR does the same.",
    };

    public static readonly OptionDescriptor<bool> Json = new("--json", ValueKind.Flag)
    {
        Group = OptionGroup.Output, Commands = CommandSet.Results, Default = "false", IsPerInvocation = true,
        Help = "Print the result as JSON on standard output.",
    };

    /// <summary>All rows, in the order of the help.</summary>
    public static IReadOnlyList<OptionDescriptor> All { get; } =
    [
        Model, Initializer, KeepProb, Freeze,
        InitFrom, BeganWith, Include, Exclude, Map, AllowMissing, AllowUnused, AllowShapeMismatch, DryRun,
        To, WeightsFile, Layout, Names,
        Images, Indices, AsIs, Dataset, DataDir, Offline, TrainExamples, Split, Count,
        BatchSize, Epochs, Steps, LearningRate, LearningRateFor, Schedule, Optimizer, Momentum, Beta1, Beta2, Epsilon, WeightDecay, L2, Seed, Shards,
        Plan, ChaosSeed, Minutes,
        Hosts, Ssh, RemoteProgram, Workers, ReplayWorkers, ChaosWorkers, Lanes, Listen, Advertise, SecretFile, TlsFolder, Transport, MinWorkers, Join, Peers, Http, WorkerTimeout,
        AuthorityFolder, CertificateNames, CertificateFolder, AuthorityDays, CertificateDays,
        EvaluateEvery, CheckpointEvery, KeepCheckpoints, Out, Resume, Config,
        With, Other, UpTo, ComparisonFile, SheetFile, CheckpointFile, ReportFile, ChaosFolder, ConfusionImage, MistakesImage, Mistakes, WeightsImage, HistogramsImage, Quiet, Verbose, LogFormat, NoColor, Json,
    ];

    /// <summary>The options of one command.</summary>
    public static IEnumerable<OptionDescriptor> Of(CommandSet command) => All.Where(option => (option.Commands & command) != 0);

    /// <summary>The option with this key in any spelling, or null.</summary>
    public static OptionDescriptor? Find(string key) => All.FirstOrDefault(option => option.HasKey(key));
}
